"""Every setting of the helpline, read from the environment. docs/settings.md explains each one.

A default is allowed here only if it is safe in production and fit to publish. Secrets have none:
in practice mode (no Twilio settings) the launcher makes its own in `var/`; otherwise a missing
one stops the service at start.
"""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Names are `HELPLINE_` plus the field in capitals, except those aliased below."""

    model_config = SettingsConfigDict(
        env_prefix="HELPLINE_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    database_url: str = Field(
        default="", validation_alias=AliasChoices("DATABASE_URL", "database_url")
    )
    port: int = Field(default=8000, validation_alias=AliasChoices("PORT", "port"))
    bind: str = "127.0.0.1"
    public_base_url: str = Field(
        default="", validation_alias=AliasChoices("PUBLIC_BASE_URL", "public_base_url")
    )
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    twilio_account_sid: str = Field(
        default="", validation_alias=AliasChoices("TWILIO_ACCOUNT_SID", "twilio_account_sid")
    )
    twilio_auth_token: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=AliasChoices("TWILIO_AUTH_TOKEN", "twilio_auth_token"),
    )
    twilio_api_base_url: str = Field(
        default="", validation_alias=AliasChoices("TWILIO_API_BASE_URL", "twilio_api_base_url")
    )
    phone_number: str = Field(default="", pattern=r"^(\+[1-9]\d{6,14})?$")
    practice_phone_url: str = "http://127.0.0.1:5077"
    erase_at_carrier: bool = True
    text_valid_seconds: int = 900
    ring_seconds: int = 20
    ring_all_at_once: bool = False
    voice_fallback_url: str = ""
    sms_fallback_url: str = ""
    voice: str = "Polly.Amy-Neural"

    secret_key: SecretStr = SecretStr("")
    contact_hmac_key: SecretStr = SecretStr("")
    contact_encryption_key: SecretStr = SecretStr("")
    metrics_token: SecretStr = SecretStr("")

    var_dir: Path = PROJECT_ROOT / "var"
    guide_folder: Path = PROJECT_ROOT / "guide_content"

    rasa_url: str = "http://127.0.0.1:5005"
    rasa_token: SecretStr = SecretStr("")
    rasa_tracker_url: SecretStr = SecretStr("")
    rasa_timeout_seconds: float = 4.0
    actions_url: str = "http://127.0.0.1:5055"

    desk_idle_minutes: int = 60
    desk_session_hours: int = 12
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_name: str = "your organisation"

    show_unverified_numbers: bool | None = None
    review_grace_days: int = 30
    message_retention_days: int = 30
    case_retention_days: int = 6 * 365
    immediate_response_minutes: int = 15
    urgent_response_minutes: int = 60
    ordinary_response_minutes: int = 120
    fallback_number: str = ""
    ladder_repeat_minutes: int = 10
    rota_warning_days: int = 7
    log_json: bool = False

    @property
    def practice_mode(self) -> bool:
        """True until the carrier's settings are given: nothing here reaches a real phone."""
        return not (self.twilio_account_sid and self.twilio_auth_token.get_secret_value())

    @property
    def unverified_numbers_shown(self) -> bool:
        """Whether numbers that nobody has rung may be given; by default in practice mode only."""
        if self.show_unverified_numbers is None:
            return self.practice_mode
        return self.show_unverified_numbers
