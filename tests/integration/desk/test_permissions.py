"""Every route is in the table, and the table is what happens."""

import pytest
from flask import url_for

from desk.permissions import ROUTES, Before
from helpline.models.accounts import Role

NOBODY = "00000000-0000-0000-0000-000000000000"
WHO = {
    Role.WORKER: "Priya",
    Role.LEAD: "Rhian",
    Role.EDITOR: "editor",
    Role.APPROVER: "approver",
    Role.ADMIN: "admin",
}


def desk_rules(app):
    """Return the routes of the desk."""
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("desk.")]


def address(app, rule):
    """Return an address of the route, with an id that nothing has."""
    values = {name: NOBODY if name == "public_id" else "0" for name in rule.arguments}
    with app.test_request_context():
        return url_for(rule.endpoint, **values)


def test_every_route_is_listed_and_every_line_is_a_route(one_app):
    """A route nobody thought about opens for nobody, and fails here."""
    assert {rule.endpoint for rule in desk_rules(one_app)} == set(ROUTES)


def test_no_route_takes_both_reading_and_writing(one_app):
    """A GET never writes; what writes is a POST of its own, named so."""
    for rule in desk_rules(one_app):
        if rule.endpoint != "desk.nowhere":
            methods = rule.methods - {"HEAD", "OPTIONS"}
            assert methods in ({"GET"}, {"POST"}), rule
            assert (methods == {"POST"}) == (
                rule.endpoint.endswith("_post") or rule.endpoint == "desk.oidc_finish"
            ), rule


def test_nothing_opens_before_signing_in(app, visitor):
    """Except what the table opens."""
    staff = visitor()
    token = staff.open("/desk/sign-in").csrf
    for rule in desk_rules(app):
        if isinstance(ROUTES[rule.endpoint], Before):
            continue
        path = address(app, rule)
        data = {"csrf_token": token}
        answer = staff.client.post(path, data=data) if "POST" in rule.methods else staff.get(path)
        assert answer.status_code == 303, rule
        assert answer.location.startswith("/desk/sign-in"), rule


@pytest.mark.parametrize("role", Role)
def test_each_role_opens_what_the_table_says(app, practice, role):
    """403 for everything else, and never a page by mistake."""
    staff = practice(WHO[role])
    token = staff.open("/desk/me").csrf
    for rule in desk_rules(app):
        access = ROUTES[rule.endpoint]
        if isinstance(access, Before) or rule.endpoint == "desk.sign_out_post":
            continue
        path = address(app, rule)
        data = {"csrf_token": token}
        answer = staff.client.post(path, data=data) if "POST" in rule.methods else staff.get(path)
        answer.close()
        assert (answer.status_code == 403) == (role not in access), (rule, answer.status_code)
        assert answer.status_code < 500, (rule, answer.status_code)


def test_every_post_proves_where_it_comes_from(app, practice):
    """Without the token of our own page: refused, whatever it is."""
    staff = practice("Rhian")
    for rule in desk_rules(app):
        if "POST" in rule.methods and rule.endpoint != "desk.nowhere":
            assert staff.client.post(address(app, rule)).status_code == 400, rule
