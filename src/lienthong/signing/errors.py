"""What the services around a signature refuse. Signers, prepared jobs and the agency's key; the agent has its own."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

SIGNER_PROFILE_INVALID = define(
    "SIGNER_PROFILE_INVALID",
    Retry.PERMANENT,
    500,
    vi="Hồ sơ người ký {file} chưa đúng: {why_vi}.",
    en="The signer profile {file} is not right: {why_en}.",
    do_vi="Sửa tệp theo mẫu trong docs/guides/sign-agent.md.",
    do_en="Correct the file after the example in docs/guides/sign-agent.md.",
)
SIGNER_UNKNOWN = define(
    "SIGNER_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Không có người ký «{signer}»; đang có: {present}.",
    en="There is no signer “{signer}”; there are: {present}.",
    do_vi="Chọn một tên trong danh sách, hoặc thêm tệp hồ sơ vào thư mục người ký.",
    do_en="Choose a name of the list, or add a profile to the folder of signers.",
)
SIGNER_NEEDS_DOCUMENT = define(
    "SIGNER_NEEDS_DOCUMENT",
    Retry.PERMANENT,
    409,
    vi="Người ký «{signer}» chỉ ký qua trình ký trên máy, nơi văn bản được xem trước khi ký.",
    en="Signer “{signer}” signs only through the signing agent, where the document is seen before.",
    do_vi="Gửi văn bản đã chuẩn bị sang trình ký thay vì chỉ gửi mã băm.",
    do_en="Hand the prepared document to the signing agent instead of its digest alone.",
)
SIGN_JOB_UNKNOWN = define(
    "SIGN_JOB_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Không có lượt ký «{job}».",
    en="There is no signing job “{job}”.",
    do_vi="Xem các lượt ký đang có; lượt ký đã xoá thì lập lại từ đầu.",
    do_en="See the jobs there are; one that was deleted is made anew.",
)
SIGN_JOB_CONFLICT = define(
    "SIGN_JOB_CONFLICT",
    Retry.PERMANENT,
    409,
    vi="Văn bản thứ {number} của lượt ký này đã có nội dung khác.",
    en="Document {number} of this signing job has other content already.",
    do_vi="Lập lượt ký mới cho nội dung mới; nội dung đã chuẩn bị không được thay.",
    do_en="Make a new job for new content; what was prepared is never replaced.",
)
SIGN_CONTENT_MISMATCH = define(
    "SIGN_CONTENT_MISMATCH",
    Retry.PERMANENT,
    422,
    vi="Văn bản «{name}» đưa ra xem không phải văn bản được yêu cầu ký: {why_vi}. Chữ ký không được tạo.",
    en="Document “{name}” shown is not the one to be signed: {why_en}. No signature was made.",
    do_vi="Không ký. Báo cho người quản trị phần mềm đã gửi văn bản này.",
    do_en="Do not sign. Tell the administrator of the software that sent it.",
)
SIGN_REQUEST_NOT_ATTRIBUTES = define(
    "SIGN_REQUEST_NOT_ATTRIBUTES",
    Retry.PERMANENT,
    422,
    vi="Dữ liệu cần ký không phải thuộc tính chữ ký của một tài liệu: {why}.",
    en="What is to be signed is not the signed attributes of a document: {why}.",
    do_vi="Gửi đúng SignedAttributes (DER) của chữ ký đã chuẩn bị; không ký dữ liệu nào khác.",
    do_en="Send the SignedAttributes (DER) of the prepared signature; nothing else is signed.",
)
AGENCY_KEY_NEEDS_PERSON = define(
    "AGENCY_KEY_NEEDS_PERSON",
    Retry.PERMANENT,
    403,
    vi="Văn bản «{name}» chưa có chữ ký của người có thẩm quyền nên không được ký số của cơ quan.",
    en="Document “{name}” bears no signature of a competent person, so the agency's key is not used on it.",
    do_vi="Trình người có thẩm quyền ký trước (Nghị định 30/2020/NĐ-CP, Điều 14 và 33); bản sao từ giấy thì khai "
    "mục đích “copy”.",
    do_en="Have the competent person sign first (Decree 30/2020/NĐ-CP, articles 14 and 33); for a copy from paper "
    "state the purpose “copy”.",
)
USE_LOG_BROKEN = define(
    "USE_LOG_BROKEN",
    Retry.PERMANENT,
    500,
    vi="Nhật ký dùng khoá {file} đã bị sửa hoặc hỏng ở dòng {line}.",
    en="The log of key uses {file} was altered or damaged at line {line}.",
    do_vi="Giữ nguyên tệp, ngừng ký và báo người phụ trách an toàn thông tin.",
    do_en="Leave the file as it is, stop signing and tell whoever is responsible for security.",
)
REMOTE_SIGNING_FAILED = define(
    "REMOTE_SIGNING_FAILED",
    Retry.TRANSIENT,
    502,
    vi="Dịch vụ ký số từ xa {url} không ký được: {why}.",
    en="The remote signing service {url} did not sign: {why}.",
    do_vi="Kiểm tra đường truyền, mã PIN và OTP; văn bản đã chuẩn bị được giữ lại để ký tiếp.",
    do_en="Check the line, PIN and OTP; what was prepared is kept and can be signed on.",
)
AGENT_NOT_USABLE = define(
    "AGENT_NOT_USABLE",
    Retry.TRANSIENT,
    502,
    vi="Trình ký tại {url} không nhận việc: {why_vi}",
    en="The signing agent at {url} did not take it: {why_en}",
    do_vi="Kiểm tra trình ký đang chạy trên máy này và mã ghép đang hiện; văn bản đã chuẩn bị được giữ lại.",
    do_en="Check that the agent runs on this computer, and its pairing code; what was prepared is kept.",
)

REVOCATION_AWAY = define(
    "REVOCATION_AWAY",
    Retry.TRANSIENT,
    503,
    vi="Không lấy được dữ liệu thu hồi chứng thư số: {reason}.",
    en="Revocation data of the certificates is not available: {reason}.",
    do_vi="Chữ ký vẫn có giá trị ở mức thấp hơn; bổ sung sau khi có dữ liệu.",
    do_en="The signature stands at a lower level; complete it when the data is there.",
)
SIGN_STEP_NOT_POSSIBLE = define(
    "SIGN_STEP_NOT_POSSIBLE",
    Retry.PERMANENT,
    422,
    vi="Chưa thể ký bước này: {why_vi}.",
    en="This step cannot be signed now: {why_en}.",
    do_vi="Thứ tự: người có thẩm quyền ký, cấp số và ngày, rồi cơ quan ký (Nghị định 30/2020, điều 14).",
    do_en="Order: the person signs, number and date are given, the agency signs (Decree 30/2020, article 14).",
)
REVOCATION_SAYS_REVOKED = define(
    "REVOCATION_SAYS_REVOKED",
    Retry.PERMANENT,
    409,
    vi="Chứng thư số «{name}» đã bị thu hồi lúc {at}.",
    en="The certificate “{name}” was revoked at {at}.",
    do_vi="Không nâng mức được bằng chứng thư số này; kiểm tra văn bản bằng “lienthong verify” và báo người phụ trách.",
    do_en="No level can be reached with it; check the document with “lienthong verify” and tell whoever is in charge.",
)
EARLIER_SIGNATURE_OF_ANOTHER = define(
    "EARLIER_SIGNATURE_OF_ANOTHER",
    Retry.PERMANENT,
    422,
    vi="Chữ ký có trước không phải của tệp này, hoặc đã hỏng.",
    en="The earlier signature is not of this file, or is damaged.",
    do_vi="Chọn đúng tệp .p7s của nội dung này; kiểm tra bằng “lienthong verify TỆP.p7s --content TỆP”.",
    do_en="Choose the .p7s of this content; check it with “lienthong verify FILE.p7s --content FILE”.",
)
