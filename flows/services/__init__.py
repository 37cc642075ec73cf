"""What can be done with runs: verbs with keyword arguments, for views, commands and the admin site alike."""

from flows.services.at_once import MadeRun, SignInCalls, UseCall, run_make, runs_forget, runs_write
from flows.services.authenticated import (
    run_again,
    run_artifact,
    run_link,
    run_sign_in,
    run_signed_in,
    runs_linkable,
)
from flows.services.calls import SERVICES, Offer, SenderChoice, call_send, offers_for, senders_for, services_here
from flows.services.changes import can_be_set_back, pool_change, pool_set_back
from flows.services.chosen_tokens import run_with_token
from flows.services.errors import (
    ChoiceRefused,
    CredentialsGone,
    NothingRefused,
    OtherMode,
    RunBusy,
    RunError,
    RunGone,
    RunOver,
    SecretGone,
    SignInNeeded,
)
from flows.services.housekeeping import (
    LONGEST_REVIEW,
    run_review,
    run_to_review,
    run_withdraw_review,
    runs_adopt,
    runs_delete_in_batches,
    runs_interrupt,
    runs_purge,
)
from flows.services.notes import note_delete, note_write
from flows.services.preview import PlannedCall, PlannedParameter, run_preview
from flows.services.readers import RunReader, reader_of
from flows.services.refused_here import can_be_sent_anyway, run_send_anyway
from flows.services.runs import run_advance, run_all, run_cancel, run_credentials, run_delete, run_open, run_use
from flows.services.sharing import run_share, run_unshare, share_found

__all__ = [
    "LONGEST_REVIEW",
    "SERVICES",
    "ChoiceRefused",
    "CredentialsGone",
    "MadeRun",
    "NothingRefused",
    "Offer",
    "OtherMode",
    "PlannedCall",
    "PlannedParameter",
    "RunBusy",
    "RunError",
    "RunGone",
    "RunOver",
    "RunReader",
    "SecretGone",
    "SenderChoice",
    "SignInCalls",
    "SignInNeeded",
    "UseCall",
    "call_send",
    "can_be_sent_anyway",
    "can_be_set_back",
    "note_delete",
    "note_write",
    "offers_for",
    "pool_change",
    "pool_set_back",
    "reader_of",
    "run_advance",
    "run_again",
    "run_all",
    "run_artifact",
    "run_cancel",
    "run_credentials",
    "run_delete",
    "run_link",
    "run_make",
    "run_open",
    "run_preview",
    "run_review",
    "run_send_anyway",
    "run_share",
    "run_sign_in",
    "run_signed_in",
    "run_to_review",
    "run_unshare",
    "run_use",
    "run_with_token",
    "run_withdraw_review",
    "runs_adopt",
    "runs_delete_in_batches",
    "runs_forget",
    "runs_interrupt",
    "runs_linkable",
    "runs_purge",
    "runs_write",
    "senders_for",
    "services_here",
    "share_found",
]
