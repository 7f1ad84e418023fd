"""The page of words in every proof file, Vietnamese first. Source: PR-EVIDENCE §3."""

README = """\
TỆP CHỨNG MINH CỦA TRỤC LIÊN THÔNG VĂN BẢN

Tệp này chứng minh một văn bản điện tử đã được gửi, tiếp nhận và chuyển qua trục như thế nào. Không cần mạng; chỉ cần
khóa công khai của trục, nhận bằng đường khác và tin cậy từ trước.

Kiểm tra:  lienthong verify TỆP

envelope.jws: gói tin do cơ quan gửi ký. parts/: nội dung. events/: sự kiện do trục ký. statuses/: trạng thái do cơ quan
nhận ký. log/: chứng minh trong nhật ký chỉ ghi thêm. keys.json: khóa các bên. META-INF/: mã băm và xác nhận của trục.
Không sửa, không nén lại: chỉ một byte khác đi là việc kiểm tra thất bại.

PROOF FILE OF THE DOCUMENT AXIS

This file proves how one electronic document was sent, accepted and carried. No network is needed; only the axis's
public key, received on another way and trusted beforehand.

To verify:  lienthong verify FILE

envelope.jws: signed by the sender. parts/: content. events/: signed by the axis. statuses/: signed by recipients.
log/: proof of the append-only log. keys.json: keys of all parties. META-INF/: digests and the axis's statement.
Do not edit or re-pack: a single changed byte makes the verification fail.
""".encode()
