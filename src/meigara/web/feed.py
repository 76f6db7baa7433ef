"""`/changes.atom`: what runs have changed, for a reader of feeds (RFC 4287)."""

import datetime as dt
from typing import Annotated
from xml.etree import ElementTree as xml

from fastapi import APIRouter, Query, Request, Response

from meigara.db.rosters import version_of_lists
from meigara.domain.classification import name_of
from meigara.i18n import Translate
from meigara.services.changes import PublishedChange, newest_changes
from meigara.web.access import address_of_server
from meigara.web.api.changes import ChangeFilters
from meigara.web.conditional import etag_of, is_known
from meigara.web.context import AppDep, TranslateDep

router = APIRouter(include_in_schema=False)
_NAMESPACE = "http://www.w3.org/2005/Atom"
_MEDIA_TYPE = "application/atom+xml; charset=utf-8"
_MOST = 200
_BEGINNING = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@router.get("/changes.atom")
async def show(
    app: AppDep, request: Request, t: TranslateDep, asked: Annotated[ChangeFilters, Query()]
) -> Response:
    """Return the newest changes that fit: by `code`, `kind`, `run_id`, `since` and `until`."""
    async with app.database.reading() as session:
        etag = etag_of(request, await version_of_lists(session))
        if is_known(request, etag):
            return Response(status_code=304, headers={"ETag": etag})
        found = await newest_changes(session, asked.query(), _MOST)
    base = address_of_server(request)
    feed = xml.Element("feed", xmlns=_NAMESPACE)
    address = f"{base}{request.url.path}" + (f"?{request.url.query}" if request.url.query else "")
    updated = max((told_at for _, told_at in found), default=_BEGINNING)
    _describe(feed, identity=address, title=t("Changes of the list"), updated=updated)
    xml.SubElement(feed, "link", rel="self", href=address)
    xml.SubElement(xml.SubElement(feed, "author"), "name").text = "Meigara"
    for change, told_at in found:
        entry = xml.SubElement(feed, "entry")
        identity = f"{base}/runs/{change.run_id}#change-{change.id}"
        _describe(entry, identity=identity, title=_title(change, t), updated=told_at)
        xml.SubElement(entry, "link", href=f"{base}/issues/{change.code}")
        xml.SubElement(entry, "category", term=change.kind)
        xml.SubElement(entry, "summary").text = _summary(change)
    content = xml.tostring(feed, encoding="utf-8", xml_declaration=True)
    return Response(content, media_type=_MEDIA_TYPE, headers={"ETag": etag})


def _describe(element: xml.Element, *, identity: str, title: str, updated: dt.datetime) -> None:
    for name, text in (("id", identity), ("title", title), ("updated", updated.isoformat())):
        xml.SubElement(element, name).text = text


def _title(change: PublishedChange, t: Translate) -> str:
    title = f"{change.code} {change.name} {t(change.kind)}"
    return t("Taken back: {change}").format(change=title) if change.retracts else title


def _summary(change: PublishedChange) -> str:
    values = [name_of(change.field, each, english=False) for each in (change.before, change.after)]
    return f"{change.as_of} {' → '.join(each or '–' for each in values)}"
