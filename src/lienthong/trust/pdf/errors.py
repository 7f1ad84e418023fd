"""The refusals of PDF documents that are to be signed."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

PDF_NOT_READABLE = define(
    "PDF_NOT_READABLE",
    Retry.PERMANENT,
    422,
    vi="Không đọc được tệp PDF: {reason}.",
    en="The PDF cannot be read: {reason}.",
    do_vi="Mở tệp bằng phần mềm đã tạo ra nó và xuất lại PDF, rồi ký bản mới.",
    do_en="Open it in the program that made it, export it again as PDF, and sign the new file.",
)
PDF_ENCRYPTED = define(
    "PDF_ENCRYPTED",
    Retry.PERMANENT,
    422,
    vi="Tệp PDF được đặt mật khẩu hoặc mã hóa nên không thể ký.",
    en="The PDF is encrypted or protected by a password and cannot be signed.",
    do_vi="Bỏ mật khẩu khi xuất PDF rồi ký lại.",
    do_en="Export the PDF without a password and sign that.",
)
PDF_HAS_NO_PAGES = define(
    "PDF_HAS_NO_PAGES",
    Retry.PERMANENT,
    422,
    vi="Tệp PDF không có trang nào.",
    en="The PDF has no pages.",
    do_vi="Kiểm tra lại tệp đã chọn.",
    do_en="Check which file was chosen.",
)
PDF_IS_ACTIVE = define(
    "PDF_IS_ACTIVE",
    Retry.PERMANENT,
    422,
    vi="Tệp PDF chứa nội dung động ({what}) có thể làm thay đổi điều người ký nhìn thấy.",
    en="The PDF holds active content ({what}) that can change what the signer sees.",
    do_vi="In hoặc xuất lại thành PDF tĩnh (PDF/A) rồi ký.",
    do_en="Print or export it as a static PDF (PDF/A) and sign that.",
)
PDF_FORBIDS_CHANGES = define(
    "PDF_FORBIDS_CHANGES",
    Retry.PERMANENT,
    422,
    vi="Chữ ký đã có trong tệp không cho phép ký thêm: {reason}.",
    en="A signature in the file forbids further ones: {reason}.",
    do_vi="Yêu cầu người ký trước ký lại bản chưa khóa, trước khi cấp số.",
    do_en="Ask the earlier signer to sign a copy that is not locked, before a number is given.",
)
PDF_FIELD_MISSING = define(
    "PDF_FIELD_MISSING",
    Retry.PERMANENT,
    422,
    vi="Tệp PDF không có ô ký «{field}».",
    en="The PDF has no signature field “{field}”.",
    do_vi="Chuẩn bị ô ký trước chữ ký đầu tiên (lienthong sign tự làm với văn bản chưa ký).",
    do_en="Plan the fields before the first signature (lienthong sign does so for an unsigned document).",
)
PDF_FIELD_TAKEN = define(
    "PDF_FIELD_TAKEN",
    Retry.PERMANENT,
    409,
    vi="Ô ký «{field}» đã được ký.",
    en="The signature field “{field}” is already signed.",
    do_vi="Không ký hai lần; kiểm tra lại bước đang làm.",
    do_en="Do not sign twice; check which step this is.",
)
ANCHOR_NOT_FOUND = define(
    "ANCHOR_NOT_FOUND",
    Retry.PERMANENT,
    422,
    vi="Không tìm thấy chỗ ký trên văn bản: {what}.",
    en="The place for the signature was not found in the document: {what}.",
    do_vi="Kiểm tra chức vụ và họ tên người ký trên văn bản, hoặc chỉ rõ trang và khung ký.",
    do_en="Check position and name of the signer in the document, or give page and box.",
)
IMAGE_NOT_USABLE = define(
    "IMAGE_NOT_USABLE",
    Retry.PERMANENT,
    422,
    vi="Ảnh chữ ký hoặc con dấu không dùng được: {reason}.",
    en="The image of signature or seal cannot be used: {reason}.",
    do_vi="Dùng ảnh PNG nền trong suốt (Nghị định 30/2020, Phụ lục I).",
    do_en="Use a PNG with a transparent background (Decree 30/2020, Appendix I).",
)
SIGNATURE_TOO_LARGE = define(
    "SIGNATURE_TOO_LARGE",
    Retry.PERMANENT,
    422,
    vi="Chữ ký kèm chứng thư và dấu thời gian dài {size} byte, quá chỗ đã dành ({room}).",
    en="Signature, certificates and time stamp take {size} bytes, more than the room kept ({room}).",
    do_vi="Chuẩn bị lại với chỗ dành lớn hơn.",
    do_en="Prepare again with more room.",
)
EARLIER_SIGNATURE_HARMED = define(
    "EARLIER_SIGNATURE_HARMED",
    Retry.PERMANENT,
    422,
    vi="Ký tiếp sẽ làm hỏng chữ ký đã có ({field}).",
    en="Signing further would harm an earlier signature ({field}).",
    do_vi="Gửi lại bản đã chuẩn bị ô ký cho người ký trước.",
    do_en="Send the copy with planned fields back to the earlier signer.",
)
TEXT_NOT_SHOWABLE = define(
    "TEXT_NOT_SHOWABLE",
    Retry.PERMANENT,
    422,
    vi="Phông chữ của chữ ký không có các ký tự: {characters}.",
    en="The face of the signature lacks these characters: {characters}.",
    do_vi="Viết lại tên hoặc ký hiệu bằng chữ tiếng Việt và dấu câu thông thường.",
    do_en="Write the name or symbol with Vietnamese letters and usual punctuation.",
)
NUMBER_NOT_PLACEABLE = define(
    "NUMBER_NOT_PLACEABLE",
    Retry.PERMANENT,
    422,
    vi="Không in được số và ngày vào văn bản: {why_vi}.",
    en="Number and date cannot be put into the document: {why_en}.",
    do_vi="Để trống đủ chỗ ở dòng «Số: …/…», «ngày … tháng … năm …» của trang đầu, đúng năm, rồi ký lại từ đầu.",
    do_en="Leave blanks wide enough in the row of number and date on page 1, with the year of issue, and sign anew.",
)
PREPARED_FILE_CHANGED = define(
    "PREPARED_FILE_CHANGED",
    Retry.PERMANENT,
    409,
    vi="Tệp chờ ký đã bị thay đổi sau khi chuẩn bị; chữ ký không được gắn vào.",
    en="The file that waits for its signature was changed after it was prepared; no signature was put in.",
    do_vi="Chuẩn bị lại từ văn bản gốc rồi ký.",
    do_en="Prepare the original document again and sign.",
)
NO_FREE_PLACE = define(
    "NO_FREE_PLACE",
    Retry.PERMANENT,
    422,
    vi="Trang đầu không còn chỗ trống cho dấu ĐẾN.",
    en="The first page has no room left for the stamp of arrival.",
    do_vi="Ghi số đến và ngày đến vào sổ; tệp nhận được giữ nguyên.",
    do_en="Put number and day of arrival into the register; the received file stays as it is.",
)
