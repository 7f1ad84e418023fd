"""«Vì sao?»: for every check, what it looks at and why that matters, in plain words.

The finding says what was found in this file; these texts say why anybody asked.
"""

from __future__ import annotations

from lienthong.base.errors import Language

_WHY: dict[str, tuple[str, str]] = {
    "pdf.readable": (
        "Tệp sai chuẩn có thể hiển thị khác nhau ở các phần mềm, nên chữ ký không còn chứng minh điều người đọc thấy.",
        "A malformed file may look different elsewhere; then the signature no longer proves what a reader sees.",
    ),
    "pdf.byte_range": (
        "Vùng byte được ký phải bao quanh đúng chữ ký; nếu không, chữ ký có thể là giả.",
        "The signed bytes must surround exactly the signature; otherwise it may be a forgery.",
    ),
    "pdf.coverage": (
        "Phần nằm ngoài chữ ký có thể bị người khác thay đổi.",
        "What lies outside of the signature could have been changed by anybody.",
    ),
    "pdf.changes": (
        "PDF cho phép ghi thêm vào cuối tệp; chỉ một số thay đổi (ký thêm, dấu thời gian) không làm hỏng chữ ký.",
        "A PDF can be added to at its end; only some additions (signatures, time stamps) leave a signature intact.",
    ),
    "pdf.lock": (
        "Người ký có thể khóa các trường; thay đổi trường đã khóa làm mất hiệu lực chữ ký.",
        "A signer can lock fields; changing a locked field breaks the signature.",
    ),
    "pdf.overlap": (
        "Hình chữ ký ký sau có thể che số, ngày hoặc chữ ký trước; chỉ con dấu đã dự kiến mới được chờm lên.",
        "A later signature's picture could hide number, date or a signature; only the planned seal may overlap.",
    ),
    "pdf.active": (
        "Văn bản đã ký phải luôn hiển thị như khi ký; mã lệnh có thể làm nó hiển thị khác.",
        "A signed document must always look as it did when it was signed; scripts can make it look different.",
    ),
    "pdf.cover": (
        "Hình của chữ ký thêm sau có thể che nội dung mà người ký trước đã thấy.",
        "The picture of a signature that was added later can hide what earlier signers saw.",
    ),
    "pdf.end": (
        "Dữ liệu sau điểm kết thúc không được chữ ký nào bảo vệ nhưng vẫn có phần mềm đọc.",
        "Data behind the end is protected by no signature, yet some programs read it.",
    ),
    "pdf.order": ("Mỗi lần ký phải là một phiên bản riêng.", "Each act of signing must be a revision of its own."),
    "pdf.dss": (
        "Kho dữ liệu xác minh giữ bằng chứng để kiểm tra về sau.",
        "The security store holds the evidence for later verification.",
    ),
    "xml.readable": (
        "Chỉ XML đúng chuẩn, không DOCTYPE, không trùng Id mới có một cách hiểu duy nhất.",
        "Only well-formed XML without DOCTYPE and without double identifiers has one meaning.",
    ),
    "xml.coverage": (
        "Chữ ký trên một phần không chứng minh gì cho phần còn lại.",
        "A signature over a part proves nothing about the rest.",
    ),
    "cms.readable": ("Chữ ký phải đọc được đúng chuẩn CMS.", "The signature must be readable as CMS."),
    "cms.content": (
        "Chữ ký tách rời chỉ kiểm tra được cùng tệp gốc.",
        "A detached signature can be verified only with its original file.",
    ),
    "ooxml.readable": ("Tệp văn phòng phải đúng cấu trúc gói.", "An office file must be a well-formed package."),
    "ooxml.coverage": (
        "Mọi phần tạo nên nội dung phải nằm trong chữ ký.",
        "Every part that makes up the content must be signed.",
    ),
    "signature.format": (
        "Chữ ký phải theo đúng một chuẩn đã biết thì mới kiểm tra được.",
        "Only a signature that follows a known standard can be verified.",
    ),
    "signature.content": (
        "Giá trị băm của nội dung phải trùng với giá trị đã ký: sửa một ký tự cũng làm khác.",
        "The digest of the content must equal the signed one: one changed character makes another digest.",
    ),
    "signature.value": (
        "Chỉ người giữ khóa bí mật mới tạo được giá trị chữ ký khớp với khóa công khai.",
        "Only the holder of the private key can make a value that fits the public key.",
    ),
    "signature.digest": (
        "Thuật toán băm yếu cho phép làm giả tài liệu khác có cùng giá trị băm.",
        "With a weak digest another document with the same digest can be made.",
    ),
    "signature.certificate": (
        "Nếu chữ ký không gắn với chứng thư số, có thể tráo chứng thư khác có cùng khóa.",
        "If the signature does not bind its certificate, another one with the same key could be put in its place.",
    ),
    "signature.certificate_unbound": (
        "Chữ ký kiểu cũ không gắn với chứng thư số; vẫn được chấp nhận nhưng nên ký theo chuẩn AdES.",
        "Signatures of the old kind do not bind their certificate; they are accepted, but AdES is better.",
    ),
    "signature.time": (
        "Hiệu lực của chứng thư số được xét tại thời điểm ký; chỉ dấu thời gian của bên thứ ba chứng minh được.",
        "The certificate is judged for the time of signing; only a third party's time stamp proves that time.",
    ),
    "signature.timestamp": (
        "Dấu thời gian không kiểm tra được thì không chứng minh được thời điểm ký.",
        "A time stamp that cannot be verified does not prove when the document was signed.",
    ),
    "signature.order": (
        "Thứ tự các dấu thời gian phải hợp lý.",
        "Time stamps must come in an order that is possible.",
    ),
    "certificate.found": ("Phải biết ai là người ký.", "It must be known who signed."),
    "certificate.path": (
        "Chứng thư số phải do một gốc mà đơn vị này tin cậy cấp.",
        "The certificate must lead to a root that this verifier trusts.",
    ),
    "certificate.signatures": (
        "Mỗi chứng thư số trong đường dẫn phải được cấp thật và bằng thuật toán đủ mạnh.",
        "Every certificate of the path must really have been issued, with a strong algorithm.",
    ),
    "certificate.keys": (
        "Khóa quá ngắn có thể bị tính ra và dùng để giả chữ ký.",
        "A key that is too short can be computed and used to forge.",
    ),
    "certificate.validity": (
        "Chứng thư số phải còn hạn tại thời điểm ký.",
        "The certificate must have been valid when the document was signed.",
    ),
    "certificate.authorities": (
        "Chỉ cơ quan cấp chứng thư mới được cấp chứng thư số cho người khác.",
        "Only authorities may issue certificates to others.",
    ),
    "certificate.purpose": (
        "Chứng thư số cấp cho mục đích khác không có giá trị khi ký văn bản.",
        "A certificate issued for something else does not count for documents.",
    ),
    "certificate.extensions": (
        "Điều kiện bắt buộc ghi trong chứng thư số mà không hiểu thì không được bỏ qua.",
        "A binding condition in a certificate must not be passed over when it is not understood.",
    ),
    "certificate.revocation": (
        "Chứng thư số bị thu hồi (lộ khóa, thôi chức vụ) trước khi ký thì chữ ký không có giá trị.",
        "If the certificate was revoked (key lost, office left) before signing, the signature does not count.",
    ),
    "certificate.revocation_unchecked": (
        "Không có dữ liệu thu hồi thì không biết chứng thư số còn hiệu lực hay không.",
        "Without revocation data nobody knows whether the certificate still counted.",
    ),
    "timestamp": (
        "Dấu thời gian là lời chứng của bên thứ ba; chính bên đó cũng phải được kiểm tra.",
        "A time stamp is the word of a third party; that party is verified as well.",
    ),
    "document": ("Kết luận về toàn bộ tệp.", "About the file as a whole."),
}


def why(name: str, language: Language) -> str:
    """Why this check is made; that of its family when it has no text of its own, "" when nobody wrote any."""
    texts = _WHY.get(name) or _WHY.get(name.split(".", 1)[0])
    return "" if texts is None else texts[0 if language == "vi" else 1]
