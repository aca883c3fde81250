"""What the app serves, and who may have it."""

from __future__ import annotations

from chatui.web.paths import OPEN_PATHS
from tests.security.keyed import KEYED_PATHS

OPEN, OWN, ADMIN = "anybody", "who is signed in, about what is their own", "admins"
KEYED = "programs with a key, see test_keyed"

RULES = {
    **dict.fromkeys(OPEN_PATHS - {"/ui/tokens.css", "/ui/door.css", "/ui/mark.svg", "/favicon.ico"}, OPEN),
    "/": OWN,
    "/live": OWN,
    "/session": OWN,
    "/sign-out": OWN,
    "/account": OWN,
    "/account/export": OWN,
    "/conversations/{conversation}/export": OWN,
    **dict.fromkeys(KEYED_PATHS, KEYED),
    "/account/delete": OWN,
    "/account/password": OWN,
    "/account/keys/make": OWN,
    "/account/keys/revoke": OWN,
    "/account/sessions/revoke": OWN,
    "/account/sessions/revoke-others": OWN,
    "/ui": OWN,
    "": OWN,  # Gradio's
    "/admin": ADMIN,
    "/admin/failures": ADMIN,
    "/admin/failures/export": ADMIN,
    "/admin/failures/replay": ADMIN,
    "/admin/failures/resolve": ADMIN,
    "/admin/groups": ADMIN,
    "/admin/groups/create": ADMIN,
    "/admin/groups/change": ADMIN,
    "/admin/groups/delete": ADMIN,
    "/admin/people": ADMIN,
    "/admin/people/audit": ADMIN,
    "/admin/people/approve": ADMIN,
    "/admin/people/change": ADMIN,
    "/admin/people/delete": ADMIN,
    "/admin/people/disable": ADMIN,
    "/admin/people/enable": ADMIN,
    "/admin/people/invite": ADMIN,
    "/admin/people/reset": ADMIN,
    "/admin/people/sign-up": ADMIN,
    "/admin/people/take-back": ADMIN,
    **dict.fromkeys(
        [f"/admin/models/{verb}" for verb in ("details", "pull", "stop", "delete", "load", "unload")], ADMIN
    ),
    "/admin/models": ADMIN,
    "/admin/usage": ADMIN,
    "/admin/usage/export": ADMIN,
    **dict.fromkeys([f"/admin/warm-up{verb}" for verb in ("", "/add", "/change", "/remove", "/run")], ADMIN),
    **dict.fromkeys([f"/admin/backends{it}" for it in ("", "/test", "/add", "/look", "/pause", "/resume")], ADMIN),
    "/admin/backends/remove": ADMIN,
    "/admin/settings": ADMIN,
    "/admin/settings/model": ADMIN,
    "/admin/settings/undo": ADMIN,
    "/admin/settings/unset": ADMIN,
    "/admin/queue": ADMIN,
    "/admin/queue/failures": ADMIN,
    "/admin/queue/{verb}": ADMIN,
    "/admin/queue/jobs/{job_id}/{verb}": ADMIN,
    "/admin/queue/jobs/{job_id}/replay": ADMIN,
}
"""Who may have which path. A new one needs a rule here."""

# What Gradio serves beside a page, in the forms in which it can be asked for.
GRADIOS = [
    ("POST", "/gradio_api/queue/join"),
    ("POST", "/queue/join"),
    ("GET", "/gradio_api/queue/data?session_hash=x"),
    ("GET", "/gradio_api/queue/status"),
    ("POST", "/gradio_api/run/predict"),
    ("POST", "/gradio_api/api/predict"),
    ("POST", "/run/predict"),
    ("POST", "/gradio_api/call/predict"),
    ("POST", "/gradio_api/cancel"),
    ("POST", "/gradio_api/reset"),
    ("POST", "/gradio_api/upload"),
    ("GET", "/gradio_api/upload_progress?upload_id=x"),
    ("GET", "/gradio_api/file=/etc/passwd"),
    ("GET", "/file=/etc/passwd"),
    ("GET", "/gradio_api/proxy=https://evil.example"),
    ("GET", "/gradio_api/stream/x/y/z/playlist.m3u8"),
    ("GET", "/gradio_api/heartbeat/x"),
    ("POST", "/gradio_api/component_server"),
    ("GET", "/gradio_api/deep_link?session_hash=x"),
    ("GET", "/monitoring"),
    ("GET", "/monitoring/summary"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("GET", "/redoc"),
    ("POST", "/login"),
    ("GET", "/logout"),
    ("GET", "/svelte/svelte.js"),
    ("GET", "/robots.txt"),
    ("GET", "/pwa_icon"),
    ("GET", "/assets/../../../etc/passwd"),
    ("GET", "/static/..%2f..%2f..%2fetc/passwd"),
]
