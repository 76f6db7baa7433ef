"""`/healthz`: is the server alive, and does its database answer?"""

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel

from meigara import __version__
from meigara.web.context import AppDep
from meigara.web.problems import PROBLEMS

router = APIRouter(tags=["health"], responses=PROBLEMS)


class Health(BaseModel):
    """A server that is well."""

    status: str
    version: str
    mode: str


@router.get("/healthz")
async def healthz(app: AppDep) -> Health:
    """Answer 200 if the database can be read, 503 if not."""
    async with app.database.reading() as session:
        await session.execute(sa.text("SELECT 1"))
    return Health(status="ok", version=__version__, mode=app.settings.mode)
