"""The fields of a packet: what a registrar calls them and how long they may be.

Where two figures for a length are in use, the packet is valid up to the larger and gets a warning above the
smaller.

Source: exchange facts §1.2 (lengths from Decree 30/2020/NĐ-CP Annex VI, a gateway's validator and
background), §1.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Field:
    """One element: its name in both languages, and its lengths in characters (``None``: unbounded)."""

    vi: str
    en: str
    warn_above: int | None = None
    longest: int | None = None


_ORGANIZATION: Final = {
    "OrganId": Field("mã định danh cơ quan", "agency code", 35, 35),
    "OrganizationInCharge": Field("cơ quan chủ quản", "governing body", 500, 500),
    "OrganName": Field("tên cơ quan", "agency name", 200, 200),
    "OrganAdd": Field("địa chỉ cơ quan", "agency address", 250, 500),
    "Email": Field("thư điện tử", "e-mail address", 100, 100),
    "Telephone": Field("số điện thoại", "telephone number", 20, 20),
    "Fax": Field("số fax", "fax number", 20, 20),
    "Website": Field("trang thông tin điện tử", "web site", 20, 100),
}
_RESPONSE: Final = {
    "OrganId": Field("mã cơ quan ban hành văn bản liên quan", "issuer of the related document", 35, 35),
    "Code": Field("số, ký hiệu văn bản liên quan", "number and symbol of the related document", 42, 200),
    "DocumentId": Field("mã văn bản liên quan", "identifier of the related document", 75, 200),
    "PromulgationDate": Field("ngày ban hành văn bản liên quan", "issue date of the related document"),
}
_STAFF: Final = {
    "Department": Field("bộ phận của người phụ trách", "department of the person in charge", 300, 300),
    "DepartmentId": Field("mã bộ phận", "department id", 100, 300),
    "Staff": Field("người phụ trách", "person in charge", 300, 300),
    "StaffId": Field("mã người phụ trách", "id of the person in charge", 100, 300),
    "Email": Field("thư điện tử của người phụ trách", "e-mail of the person in charge", 100, 100),
    "Mobile": Field("điện thoại của người phụ trách", "telephone of the person in charge", 30, 30),
}
_MESSAGE: Final = {
    "From": Field("cơ quan gửi", "sending agency"),
    "To": Field("cơ quan nhận", "receiving agency"),
    # Code, date, number and symbol of their own greatest lengths make 89 characters together.
    "DocumentId": Field("mã văn bản", "document identifier", 75, 200),
    "Code": Field("số, ký hiệu văn bản", "document number and symbol"),
    "Code.CodeNumber": Field("số văn bản", "document number", 11, 11),
    "Code.CodeNotation": Field("ký hiệu văn bản", "document symbol", 30, 30),
    "PromulgationInfo": Field("thông tin ban hành", "issue information"),
    "PromulgationInfo.Place": Field("nơi ban hành", "place of issue", 50, 50),
    "PromulgationInfo.PromulgationDate": Field("ngày ban hành", "issue date"),
    "DocumentType": Field("loại văn bản", "document kind"),
    "DocumentType.Type": Field("nhóm loại văn bản", "group of document kind"),
    "DocumentType.TypeDetail": Field("mã loại văn bản", "number of document kind"),
    "DocumentType.TypeName": Field("tên loại văn bản", "name of document kind", 100, 100),
    "Subject": Field("trích yếu", "abstract", 500, 500),
    "Content": Field("nội dung tóm tắt", "short content", 500, 500),
    "SignerInfo": Field("thông tin người ký", "signer"),
    "SignerInfo.Competence": Field("thẩm quyền ký", "signing capacity", 100, 100),
    "SignerInfo.Position": Field("chức vụ người ký", "position of signer", 100, 100),
    "SignerInfo.FullName": Field("họ tên người ký", "name of signer", 50, 255),
    "DueDate": Field("hạn trả lời", "reply deadline"),
    "OtherInfo": Field("thông tin khác", "other information"),
    "OtherInfo.Priority": Field("độ khẩn", "urgency"),
    "OtherInfo.SphereOfPromulgation": Field("phạm vi lưu hành", "circulation", 100, 100),
    "OtherInfo.TyperNotation": Field("ký hiệu người soạn thảo", "typist's mark", 10, 10),
    "OtherInfo.PromulgationAmount": Field("số lượng bản phát hành", "copies issued"),
    "OtherInfo.PageAmount": Field("số trang", "pages"),
    "OtherInfo.ReplyFors": Field("văn bản được trả lời (trường cũ)", "answered documents (legacy)", 500, 2000),
    "OtherInfo.Direction": Field("văn bản chỉ đạo (trường cũ)", "steering document (legacy)"),
    "OtherInfo.ReferenceCodes": Field("số văn bản tham chiếu (trường cũ)", "reference numbers (legacy)", 500, 2000),
    "OtherInfo.Appendixes": Field("danh sách phụ lục", "appendices"),
    "OtherInfo.Appendixes.Appendix": Field("tên phụ lục", "name of appendix", 500, 1000),
    "ResponseFor": Field("văn bản liên quan", "related document"),
    "SteeringType": Field("loại chỉ đạo", "steering type"),
    "ResponseForTask": Field("nhiệm vụ được trả lời", "answered tasks"),
    "ResponseForTask.TaskCode": Field("mã nhiệm vụ", "task code", 100, 200),
    "ApplicationType": Field("loại ứng dụng", "application type", 100, 200),
    "ToPlaces": Field("nơi nhận", "distribution list"),
    "ToPlaces.Place": Field("dòng nơi nhận", "line of the distribution list", 150, 1000),
    "StaffInfo": Field("người phụ trách", "person in charge"),
    "StatusCode": Field("mã trạng thái", "status code"),
    "Description": Field("diễn giải trạng thái", "status description", 500, 4000),
    "Timestamp": Field("thời điểm ghi nhận trạng thái", "time of the status"),
}
_TRACE: Final = {
    "": Field("thông tin xử lý gói tin", "processing information"),
    "TraceHeader": Field("vết xử lý", "hop"),
    "TraceHeader.OrganId": Field("mã cơ quan xử lý gói tin", "agency code of the hop", 35, 35),
    "TraceHeader.Timestamp": Field("thời điểm xử lý gói tin", "time of the hop"),
    "Bussiness": Field("nghiệp vụ", "operation"),
    "Bussiness.DocumentId": Field("mã văn bản bị thu hồi hoặc cập nhật", "document recalled or updated", 75, 200),
    "Bussiness.BussinessDocType": Field("loại nghiệp vụ", "kind of operation"),
    "Bussiness.BussinessDocReason": Field("lý do", "reason", 500, 500),
    "Bussiness.Paper": Field("gửi kèm bản giấy", "paper copy"),
    "Bussiness.BussinessDocumentInfo": Field("nội dung cập nhật", "what the update changes"),
    "Bussiness.BussinessDocumentInfo.DocumentInfo": Field("có thay đổi văn bản", "document changes"),
    "Bussiness.BussinessDocumentInfo.DocumentReceiver": Field("có thay đổi nơi nhận", "receivers change"),
    "Bussiness.BussinessDocumentInfo.ReceiverList": Field("danh sách nơi nhận thay đổi", "changed receivers"),
    "Bussiness.BussinessDocumentInfo.ReceiverList.Receiver": Field("nơi nhận thay đổi", "changed receiver"),
    "Bussiness.BussinessDocumentInfo.ReceiverList.Receiver.OrganId": Field(
        "mã nơi nhận thay đổi", "code of the changed receiver", 35, 35
    ),
    "Bussiness.BussinessDocumentInfo.ReceiverList.Receiver.ReceiverType": Field(
        "thêm hay bớt nơi nhận", "receiver added or removed"
    ),
    "Bussiness.ReplacementInfoList": Field("danh sách văn bản bị thay thế", "replaced documents"),
    "Bussiness.ReplacementInfoList.ReplacementInfo": Field("văn bản bị thay thế", "replaced document"),
    "Bussiness.ReplacementInfoList.ReplacementInfo.DocumentId": Field(
        "mã văn bản bị thay thế", "identifier of the replaced document", 75, 200
    ),
    "Bussiness.ReplacementInfoList.ReplacementInfo.OrganIdList": Field(
        "nơi đã nhận văn bản bị thay thế", "receivers of the replaced document"
    ),
    "Bussiness.ReplacementInfoList.ReplacementInfo.OrganIdList.OrganId": Field(
        "mã nơi đã nhận văn bản bị thay thế", "receiver of the replaced document", 35, 35
    ),
    "Bussiness.StaffInfo": Field("người phụ trách", "person in charge"),
}
_REFERENCE: Final = {
    "ContentId": Field("mã tệp đính kèm", "content id of the attachment", 100, 255),
    "ContentType": Field("kiểu nội dung tệp đính kèm", "content type of the attachment", 255, 255),
    "Description": Field("mô tả tệp đính kèm", "description of the attachment", 500, 2000),
    "AttachmentName": Field("tên tệp đính kèm", "name of the attachment", 500, 500),
}

MANIFEST: Final = "edXMLBody.edXMLManifest"
REFERENCE: Final = f"{MANIFEST}.Reference"
ATTACHMENT: Final = "AttachmentEncoded.Attachment"


def _under(prefix: str, fields: dict[str, Field]) -> dict[str, Field]:
    return {f"{prefix}.{name}" if name else prefix: field for name, field in fields.items()}


def _messages(root: str) -> dict[str, Field]:
    return {
        **_under(root, _MESSAGE),
        **_under(f"{root}.From", _ORGANIZATION),
        **_under(f"{root}.To", _ORGANIZATION),
        **_under(f"{root}.ResponseFor", _RESPONSE),
        **_under(f"{root}.StaffInfo", _STAFF),
    }


FIELDS: Final[dict[str, Field]] = {
    **_messages("MessageHeader"),
    **_messages("Status"),
    **_under("TraceHeaderList", _TRACE),
    **_under("TraceHeaderList.Bussiness.StaffInfo", _STAFF),
    **_under(REFERENCE, _REFERENCE),
    **_under(ATTACHMENT, _REFERENCE),
    "MessageHeader": Field("thông tin văn bản", "message header"),
    "Status": Field("thông tin trạng thái", "status"),
    "edXML": Field("gói tin", "packet"),
    "edXMLBody": Field("thân gói tin", "packet body"),
    MANIFEST: Field("danh mục tệp đính kèm", "manifest"),
    f"{MANIFEST}.version": Field("phiên bản của danh mục tệp đính kèm", "version of the manifest"),
    REFERENCE: Field("mục tệp đính kèm", "manifest entry"),
    ATTACHMENT: Field("tệp đính kèm", "attachment"),
    f"{ATTACHMENT}.ContentTransferEncoded": Field("nội dung tệp đính kèm", "content of the attachment"),
    "AttachmentEncoded": Field("phần tệp đính kèm", "attachments"),
}


def label(path: str) -> Field:
    """What to call an element in a sentence; an unknown one is called by its own name."""
    known = FIELDS.get(path)
    if known is not None:
        return known
    name = path.rpartition(".")[2]
    return Field(name, name)
