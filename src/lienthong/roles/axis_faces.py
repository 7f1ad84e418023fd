"""The compatible faces of an axis, over the same verbs as the native one."""

from __future__ import annotations

from lienthong.exchange.api.lgsp import face as lgsp
from lienthong.exchange.api.lgsp import routes as lgsp_routes
from lienthong.exchange.api.routes import ApiRoute
from lienthong.exchange.api.vxp import face as vxp
from lienthong.exchange.api.vxp import routes as vxp_routes
from lienthong.exchange.service.connections import ConnectionBook
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.directory_desk import DirectoryDesk
from lienthong.infra.http_limits import RateLimiter
from lienthong.infra.role_config import AxisConfig

FACES = {vxp.PATH: vxp.render_refusal, lgsp.PATH: lgsp.render_refusal}
"""Below which paths refusals look otherwise than the native ones."""


def face_routes(ctx: AxisContext, book: ConnectionBook, desk: DirectoryDesk) -> list[ApiRoute]:
    """Every route of the compatible faces; one system has one quota, whichever of them it uses."""
    quota = RateLimiter(ctx.limits.quota_per_second, ctx.limits.quota_burst)
    return [
        *vxp_routes.routes(vxp.Face(ctx, book, desk, quota)),
        *lgsp_routes.routes(lgsp.Face(ctx, book, quota)),
    ]


def large_heads(config: AxisConfig) -> tuple[bytes, ...]:
    """Below which paths the head of a request may name thousands of recipients."""
    return (vxp.PATH.encode(),) if config.compatible_faces else ()
