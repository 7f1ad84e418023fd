"""The page of words in every proof file, Vietnamese first. Source: PR-EVIDENCE §3."""

README = """\
TỆP CHỨNG MINH CỦA TRỤC LIÊN THÔNG VĂN BẢN

Tệp này chứng minh một văn bản điện tử đã được gửi, tiếp nhận và chuyển qua trục liên thông như thế nào.
Không cần mạng, không cần hỏi trục: mọi thứ để kiểm tra nằm trong tệp, trừ khóa công khai của trục mà người kiểm tra
phải nhận bằng đường khác và tin cậy từ trước.

Cách kiểm tra:  lienthong verify TỆP

Trong tệp có:
  envelope.jws    gói tin do cơ quan gửi ký: gửi gì, cho ai, mã băm của từng phần
  parts/          các phần của văn bản: phần đầu edXML và tệp đính kèm (có thể được để lại bên ngoài)
  events/         các sự kiện do trục ký: tiếp nhận, sẵn sàng cho bên nhận, bàn giao, trạng thái…
  statuses/       trạng thái xử lý do cơ quan nhận ký và gửi lại
  log/            vị trí của từng sự kiện trong nhật ký chỉ ghi thêm, điểm chốt có chữ ký, dấu thời gian
  keys.json       khóa công khai của các bên, theo danh bạ của trục
  META-INF/       mã băm của từng tệp và xác nhận của trục rằng đây là toàn bộ chứng cứ đã cấp

Không sửa, không nén lại tệp này: chỉ một byte khác đi là việc kiểm tra thất bại.

--------------------------------------------------------------------------------------------------------------

PROOF FILE OF THE DOCUMENT AXIS

This file proves how one electronic document was sent, accepted and carried by the axis. No network and no question to
the axis is needed: all that is verified is in the file, except the axis's public key, which the verifier must have
received on another way and trust beforehand.

To verify:  lienthong verify FILE

In this file:
  envelope.jws    the envelope signed by the sending agency: what goes to whom, and the digest of each part
  parts/          the parts of the document: edXML header and attachments (these may have been left outside)
  events/         events signed by the axis: accepted, available to the recipient, handed over, statuses …
  statuses/       business statuses signed and sent back by the receiving agency
  log/            the place of each event in the append-only log, the signed checkpoint, the timestamp
  keys.json       public keys of all parties, from the axis's directory
  META-INF/       the digest of each entry, and the axis's statement that this is all the evidence given out

Do not edit or re-pack this file: a single changed byte makes the verification fail.
""".encode()
