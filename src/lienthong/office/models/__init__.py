"""Tables of the office, one file per subject."""

from lienthong.office.models.arrival import Arrival
from lienthong.office.models.document import Document, DocumentText, Reader
from lienthong.office.models.dossier import Dossier, DossierDocument, DossierReader, FilePlan, FilePlanHeading
from lienthong.office.models.exchange import Delivery, Message, StatusEvent
from lienthong.office.models.files import PageWords, StoredFile
from lienthong.office.models.importing import ImportedRow, ImportRun
from lienthong.office.models.lending import CopyLoan
from lienthong.office.models.numbers import NumberEntry, Register
from lienthong.office.models.people import DeviceCertificate, Notice, Phrase, PushKey, PushSending, SavedView
from lienthong.office.models.programs import KeptAnswer, Webhook, WebhookCall
from lienthong.office.models.review import Review, SigningStep
from lienthong.office.models.task import Opinion, Task

__all__ = [
    "Arrival", "CopyLoan", "Delivery", "DeviceCertificate", "Document", "DocumentText", "Dossier", "DossierDocument",
    "DossierReader", "FilePlan", "FilePlanHeading", "ImportRun", "ImportedRow", "KeptAnswer", "Message", "Notice",
    "NumberEntry", "Opinion", "PageWords", "Phrase", "PushKey", "PushSending", "Reader", "Register", "Review",
    "SavedView", "SigningStep", "StatusEvent", "StoredFile", "Task", "Webhook", "WebhookCall",
]  # fmt: skip
