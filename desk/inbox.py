"""The inbox: who needs a person now, and the way to every conversation."""

from flask import Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from desk.blueprint import bp
from desk.context import service, settings
from desk.live import list_stream
from desk.viewer import viewer
from desk.views import ItemView, item_view, prison_name, who
from helpline import inbox as lists
from helpline.clock import utcnow
from helpline.db import transaction
from helpline.inbox import Tab

TAB_WORDS = {
    Tab.NOW: "Needs a human now",
    Tab.MINE: "Mine",
    Tab.UNCLAIMED: "Unclaimed",
    Tab.WAITING: "Waiting for family",
    Tab.CLOSED: "Closed",
}
EMPTY = {
    Tab.NOW: "Nobody is waiting for a person.",
    Tab.MINE: "No family is with you.",
    Tab.UNCLAIMED: "Every family has somebody.",
    Tab.WAITING: "No family owes an answer.",
    Tab.CLOSED: "Nothing closed yet.",
}


@bp.get("/inbox")
def inbox() -> ResponseReturnValue:
    """Show one list, beside how many are in each."""
    return render_template("desk/inbox.html", **_content())


@bp.get("/inbox/list")
def inbox_list() -> ResponseReturnValue:
    """Return the list alone, for a page that asks again."""
    return render_template("desk/_list.html", **_content())


@bp.get("/inbox/live")
def inbox_live() -> Response:
    """Stream the list whenever it changes."""
    tab, practice = _tab(), _practice()

    def render() -> str:
        return render_template("desk/_list.html", **_content(tab, practice=practice))

    return list_stream(render)


@bp.get("/search")
def search() -> ResponseReturnValue:
    """Find conversations by reference, number or words."""
    query = request.args.get("q", "")[:200]
    with transaction() as session:
        found = lists.find(
            session,
            service().book,
            query,
            practice=_practice(),
            worker_id=None if viewer().is_lead else viewer().worker_id or 0,
        )
        rows = [
            {
                "public_id": conversation.public_id,
                "reference": lists.reference(conversation),
                "who": who(conversation),
                "prison": prison_name(conversation.prison),
                "last": conversation.last_message_at,
                "status": conversation.status.value,
            }
            for conversation in found
        ]
    return make_response(render_template("desk/search.html", query=query, rows=rows))


def _content(tab: Tab | None = None, *, practice: bool | None = None) -> dict[str, object]:
    shown = tab or _tab()
    apart = _practice() if practice is None else practice
    own = viewer().worker_id
    with transaction() as session:
        items = lists.list_open(session, practice=apart)
        counts = {each: len(lists.pick(items, each, own)) for each in Tab if each is not Tab.CLOSED}
        if shown is Tab.CLOSED:
            before = request.args.get("before", "")
            chosen = lists.list_closed(
                session,
                practice=apart,
                worker_id=None if viewer().is_lead else own,
                before=int(before) if before.isascii() and before.isdigit() else None,
            )
        else:
            chosen = lists.pick(items, shown, own)
        views: list[ItemView] = [item_view(item) for item in chosen]
    return {
        "tab": shown,
        "tabs": TAB_WORDS,
        "counts": counts,
        "items": views,
        "empty": EMPTY[shown],
        "now": utcnow(),
        "more": shown is Tab.CLOSED and len(views) == lists.PAGE,
        "practice_apart": apart,
        "live_mode": not settings().practice_mode,
    }


def _tab() -> Tab:
    try:
        return Tab(request.args.get("tab", Tab.NOW))
    except ValueError:
        abort(404)


def _practice() -> bool:
    """Whether practice conversations are meant: always in practice mode, else when asked for."""
    return settings().practice_mode or request.args.get("practice") == "yes"
