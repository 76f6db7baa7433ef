"""What can J-Quants answer instead of a list?"""

from meigara.errors.base import MeigaraError


class JQuantsError(MeigaraError):
    """The source did not give a roster; the run fails and the list is unchanged."""


class JQuantsUnavailable(JQuantsError):
    """No answer came: network or timeout."""

    message = "J-Quants could not be reached: {reason}"
    hint = "Check the network and MEIGARA_JQUANTS_BASE_URL ({base_url}), then try again later."
    retryable = True


class JQuantsFailing(JQuantsUnavailable):
    """The server answered, with a failure of its own or with something that is not JSON."""

    message = "J-Quants answered without a list: {reason}"
    hint = "Try again later. If it stays so, check MEIGARA_JQUANTS_BASE_URL ({base_url})."


class JQuantsRateLimited(JQuantsError):
    """Too many calls in a minute, or the five-minute block that follows."""

    message = "J-Quants answered that there were too many calls (429)."
    hint = (
        "Wait two minutes, or five if it stays so; other programs with the same key count as well."
        " Set MEIGARA_JQUANTS_PLAN to your plan."
    )
    retryable = True


class JQuantsRefused(JQuantsError):
    """Key, plan, contract or window; asking again does not help."""


class KeyRefused(JQuantsRefused):
    """The key is missing, wrong or expired."""

    message = "J-Quants refused the API key: {reason}"
    hint = (
        "Check the key in the dashboard (https://jpx-jquants.com/dashboard/api-keys),"
        " then set MEIGARA_JQUANTS_API_KEY."
    )


class NoSubscription(JQuantsRefused):
    """The account has no active contract."""

    message = "J-Quants says that there is no active subscription: {reason}"
    hint = "Take or renew a plan at https://jpx-jquants.com (the Free plan ends after a year)."


class PlanRefused(JQuantsRefused):
    """The plan does not include the endpoint."""

    message = "Your J-Quants plan does not include this data: {reason}"
    hint = "Check the plan in the J-Quants dashboard."


class DateOutsidePlan(JQuantsRefused):
    """The date lies outside the plan's window."""

    message = "The date lies outside what your J-Quants plan covers: {reason}"
    hint = "Choose a date inside the window, or leave --as-of away for the newest list."


class RequestRefused(JQuantsRefused):
    """A refusal that the documents do not list."""

    message = "J-Quants refused the request ({status}): {reason}"
    hint = "Check MEIGARA_JQUANTS_BASE_URL ({base_url}) and the date asked for."


class JQuantsContractBroken(JQuantsError):
    """The payload is not what the documents say."""

    message = "The answer of J-Quants is not what its documentation says: {reason}"
    hint = "Nothing was applied. Try again later; if it stays so, an update of Meigara is needed."


class AnswerTooLarge(JQuantsContractBroken):
    """The answer has more bytes, rows or pages than any list; it was not read to its end."""

    message = "The answer of J-Quants was not read to its end: {reason}"
    hint = (
        "Nothing was applied. A list has about 2 MB in one page: check MEIGARA_JQUANTS_BASE_URL and"
        " the proxy on the way, if there is one, then try again later."
    )
