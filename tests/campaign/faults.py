"""What the platform does wrong: to writes alone, or to everything."""

WRITE_FAULTS = """
    POST /meeting$ drop_before p=0.04; POST /meeting$ drop_after p=0.04; POST /meeting$ status=503 lands p=0.03;
    POST /meeting$ status=502 p=0.03; POST /meeting$ malformed p=0.02; POST /meeting$ html p=0.02;
    PUT /meeting/ drop_after p=0.05; PUT /meeting/ drop_before p=0.05; PUT /meeting/ status=500 p=0.03;
    PUT /meeting/ empty p=0.02; PUT /meeting/ truncated p=0.02;
    DELETE /meeting/ drop_after p=0.05; DELETE /meeting/ drop_before p=0.05; DELETE /meeting/ status=503 lands p=0.03;
    POST /end$ drop_after p=0.05; POST /end$ drop_before p=0.05; POST /end$ status=500 lands p=0.03;
    * /meeting rate_limit=1 p=0.01; POST /meeting token_expired p=0.02; PUT /meeting token_expired p=0.02;
    DELETE /meeting token_expired p=0.02; DELETE /meeting refused p=0.01; PUT /meeting refused p=0.01
"""
"""After none of these may a write still land, and every reading back succeeds."""

ALL_FAULTS = (
    WRITE_FAULTS
    + """
    ; GET /meeting status=503 p=0.08; GET /meeting drop_after p=0.05; GET /meeting malformed p=0.03;
    GET /meeting html p=0.03; GET /meeting truncated p=0.03; GET /meeting empty p=0.02;
    POST /meeting$ status=504 lands p=0.02; POST /meeting$ status=504 p=0.02; PUT /meeting/ status=504 p=0.02;
    PUT /meeting/ status=504 lands p=0.02; DELETE /meeting/ status=504 p=0.02; DELETE /meeting/ status=504 lands p=0.02;
    * /meeting token_revoked p=0.005; * /meeting permission_withdrawn p=0.005;
    * /oauth/token status=503 p=0.02; * /meeting wrong_types p=0.005; * /meeting redirect p=0.005;
    GET /meeting token_expired p=0.01; GET /meeting refused p=0.01
"""
)

ROOM_WRITE_FAULTS = """
    POST /bridges$ drop_before p=0.04; POST /bridges$ drop_after p=0.05; POST /bridges$ status=503 lands p=0.04;
    POST /bridges$ status=500 p=0.03; POST /bridges$ malformed p=0.03; POST /bridges$ html p=0.02;
    POST /bridges$ html lands p=0.02; POST /bridges$ truncated p=0.02; POST /bridges$ empty p=0.02;
    PATCH /bridges/ drop_after p=0.05; PATCH /bridges/ drop_before p=0.05; PATCH /bridges/ status=500 p=0.03;
    PATCH /bridges/ status=502 lands p=0.03; PATCH /bridges/ empty p=0.02; PATCH /bridges/ malformed p=0.02;
    DELETE /bridges/ drop_after p=0.05; DELETE /bridges/ drop_before p=0.05; DELETE /bridges/ status=503 lands p=0.03;
    DELETE /bridges/ html p=0.03; DELETE /bridges/ status=404 p=0.02;
    * /bridges rate_limit=1 p=0.01; POST /bridges token_expired p=0.02; PATCH /bridges token_expired p=0.02;
    DELETE /bridges token_expired p=0.02; DELETE /bridges refused p=0.01; PATCH /bridges refused p=0.01
"""
"""The same for rooms: after none of these may a write still land, and every reading back succeeds."""

ROOM_ALL_FAULTS = (
    ROOM_WRITE_FAULTS
    + """
    ; GET /bridges status=503 p=0.08; GET /bridges drop_after p=0.05; GET /bridges malformed p=0.03;
    GET /bridges html p=0.03; GET /bridges truncated p=0.03; GET /bridges empty p=0.02;
    GET /bridges/pin status=500 p=0.15; POST /bridges$ status=504 lands p=0.02; POST /bridges$ status=504 p=0.02;
    PATCH /bridges/ status=504 p=0.02; PATCH /bridges/ status=504 lands p=0.02;
    DELETE /bridges/ status=504 p=0.02; DELETE /bridges/ status=504 lands p=0.02;
    * /bridges token_revoked p=0.005; * /oauth/token status=503 p=0.02; * /bridges wrong_types p=0.01;
    * /bridges redirect p=0.005; GET /bridges token_expired p=0.01; GET /bridges refused p=0.01;
    GET /video-configuration status=500 p=0.3; GET /video-configuration malformed p=0.1
"""
)
