"""What is written into the audit log."""

from __future__ import annotations

from enum import StrEnum


class AuditAction(StrEnum):
    """Facts that an admin can look up later."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SIGNED_UP = "signed_up"
    INVITATION_MADE = "invitation_made"
    INVITATION_ACCEPTED = "invitation_accepted"
    INVITATION_TAKEN_BACK = "invitation_taken_back"
    ADMIN_MADE = "admin_made"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a fact  # nosec B105
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a fact  # nosec B105
    SESSION_REVOKED = "session_revoked"
    KEY_MADE = "key_made"
    KEY_REVOKED = "key_revoked"
    ACCOUNT_MADE = "account_made"
    ACCOUNT_APPROVED = "account_approved"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    ACCOUNT_DELETED = "account_deleted"
    ROLE_CHANGED = "role_changed"
    GROUP_JOINED = "group_joined"
    GROUP_MADE = "group_made"
    GROUP_CHANGED = "group_changed"
    GROUP_DELETED = "group_deleted"
    DATA_EXPORTED = "data_exported"
    SETTING_CHANGED = "setting_changed"
    SHARE_LINK_OPENED = "share_link_opened"
    SHARE_LINK_CLOSED = "share_link_closed"
    WARM_UP_PLANNED = "warm_up_planned"
    WARM_UP_CHANGED = "warm_up_changed"
    WARM_UP_REMOVED = "warm_up_removed"
    MODEL_PULLED = "model_pulled"
    MODEL_DELETED = "model_deleted"
    MODEL_LOADED = "model_loaded"
    MODEL_UNLOADED = "model_unloaded"
    USAGE_EXPORTED = "usage_exported"
    BACKUP_MADE = "backup_made"
    BACKUP_TAKEN = "backup_taken"
    RESTORE_PREPARED = "restore_prepared"
    RESTORE_GIVEN_UP = "restore_given_up"
    RESTORED = "restored"
    TEAM_PROMPT_ADDED = "team_prompt_added"
    TEAM_PROMPT_CHANGED = "team_prompt_changed"
    TEAM_PROMPT_REMOVED = "team_prompt_removed"
