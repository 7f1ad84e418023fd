"""Parts of which invented documents are composed. Every place and person carries one of the marks."""

from __future__ import annotations

MARKS = ("Mẫu", "Thử", "Giả", "Ví", "Mô")
"""Words that stand for «sample, trial, assumed»: no real place or person is named so."""

PLACES = (
    "Giang", "Sơn", "Lâm", "Hà", "Bình", "Thủy", "Phong", "Châu", "Nguyên", "Đồng", "Khê", "Hải", "Lộc", "Thạch",
    "Vân",
    "Trạch", "Cẩm", "Ninh", "Phúc", "Xuyên", "Trà", "Đàm", "Quế", "Lương", "Tùng", "Mộc", "Hồ", "Điền", "Bích", "Kỳ",
)  # fmt: skip
SIDES = ("Thượng", "Trung", "Hạ", "Đông", "Tây", "Nam", "Bắc")

MINISTRY_FIELDS = ("Kịch bản", "Mô phỏng", "Ví dụ", "Diễn tập", "Thử nghiệm", "Mô hình", "Giả định")

DEPARTMENTS = (
    ("Sở Nội vụ", "SNV"), ("Sở Tài chính", "STC"), ("Sở Xây dựng", "SXD"), ("Sở Tư pháp", "STP"), ("Sở Y tế", "SYT"),
    ("Sở Giáo dục và Đào tạo", "SGDĐT"), ("Sở Nông nghiệp và Môi trường", "SNNMT"), ("Sở Công Thương", "SCT"),
    ("Sở Khoa học và Công nghệ", "SKHCN"), ("Sở Văn hóa, Thể thao và Du lịch", "SVHTTDL"), ("Thanh tra tỉnh", "TTT"),
    ("Ban Quản lý các khu công nghiệp", "BQLKCN"), ("Ban Dân tộc và Tôn giáo", "BDTTG"), ("Sở Ngoại vụ", "SNgV"),
)  # fmt: skip

UNITS = {
    "ministry": (("Vụ Tổ chức cán bộ", "TCCB"), ("Vụ Kế hoạch - Tài chính", "KHTC"), ("Vụ Pháp chế", "PC"),
                 ("Cục Chuyển đổi số", "CĐS"), ("Vụ Hợp tác quốc tế", "HTQT")),
    "province": (("Phòng Nội chính", "NC"), ("Phòng Kinh tế tổng hợp", "KTTH"), ("Phòng Khoa giáo - Văn xã", "KGVX"),
                 ("Phòng Hành chính - Tổ chức", "HCTC"), ("Trung tâm Phục vụ hành chính công", "PVHCC")),
    "department": (("Phòng Tổ chức cán bộ", "TCCB"), ("Phòng Kế hoạch - Tài chính", "KHTC"),
                   ("Phòng Nghiệp vụ", "NV")),
    "commune": (("Phòng Kinh tế", "KT"), ("Phòng Văn hóa - Xã hội", "VHXH")),
}  # fmt: skip

FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý",
            "Đinh",
            "Lương", "Trịnh", "Mai", "Tạ", "Quách")  # fmt: skip
PERSON_MARKS = ("Thử", "Mẫu", "Giả", "Thị Thử", "Thị Mẫu", "Văn Thử", "Văn Mẫu")
GIVEN = (
    "An", "Bảo", "Chi", "Cường", "Dung", "Dũng", "Duyên", "Đạt", "Đức", "Giang", "Hạnh", "Hiền", "Hoa", "Hòa",
    "Hùng", "Hương",
    "Khánh", "Kiên", "Lan", "Liên", "Linh", "Long", "Mạnh", "Minh", "Nam", "Nga", "Ngân", "Nghĩa", "Ngọc", "Nhung",
    "Oanh",
    "Phúc", "Phượng", "Quang", "Quân", "Quỳnh", "Sơn", "Tâm", "Thảo", "Thắng", "Thu", "Thủy", "Tiến", "Trang",
    "Trung", "Tú",
    "Tuấn", "Uyên", "Vinh", "Yến",
)  # fmt: skip

FIRMS = ("Công ty TNHH Ví Dụ Xanh", "Công ty Cổ phần Mô Hình Việt", "Hợp tác xã Thử Nghiệm Một", "Hội Người dùng thử",
         "Trường Đại học Giả Định", "Ngân hàng Mô Phỏng", "Báo Ví Dụ Hằng Ngày", "Hiệp hội Doanh nghiệp Mẫu",
         "Viện Nghiên cứu Kịch bản", "Công ty Điện lực Giả Định")  # fmt: skip

ACTIONS = (
    "tăng cường", "triển khai", "đẩy mạnh", "rà soát", "chấn chỉnh", "tổ chức thực hiện", "phối hợp thực hiện",
    "đánh giá",
    "kiểm tra", "hướng dẫn", "đôn đốc", "thống kê", "nâng cao chất lượng", "tiếp tục thực hiện", "bảo đảm", "chuẩn bị",
    "góp ý dự thảo văn bản về", "tổng kết", "sơ kết", "xây dựng kế hoạch", "cung cấp số liệu về", "báo cáo tình hình",
    "tháo gỡ khó khăn trong", "xử lý kiến nghị về", "quán triệt", "điều chỉnh dự toán cho", "bố trí kinh phí cho",
    "phân công nhiệm vụ về", "lập danh sách tham gia", "công khai", "giám sát", "đề xuất giải pháp về",
)  # fmt: skip
MATTERS = (
    "công tác phòng cháy, chữa cháy", "công tác văn thư, lưu trữ", "cải cách thủ tục hành chính", "chuyển đổi số",
    "phòng, chống thiên tai và tìm kiếm cứu nạn", "giải ngân vốn đầu tư công", "bảo vệ môi trường nước sông",
    "an toàn vệ sinh thực phẩm", "chất lượng nước sinh hoạt nông thôn", "phòng, chống dịch bệnh trên cây lúa",
    "tiêm phòng gia súc, gia cầm", "trồng rừng và bảo vệ rừng", "duy tu, bảo dưỡng đường giao thông nông thôn",
    "trật tự an toàn giao thông", "quản lý trật tự xây dựng", "cấp giấy chứng nhận quyền sử dụng đất",
    "giải phóng mặt bằng các công trình trọng điểm", "quy hoạch sử dụng đất", "xây dựng nông thôn mới",
    "giảm nghèo bền vững", "giải quyết việc làm cho thanh niên", "đào tạo nghề cho lao động nông thôn",
    "bảo hiểm y tế toàn dân", "khám, chữa bệnh ban đầu", "phòng, chống sốt xuất huyết", "chăm sóc người cao tuổi",
    "bảo vệ và chăm sóc trẻ em", "phòng, chống đuối nước cho học sinh", "chuẩn bị năm học mới",
    "kỳ thi tốt nghiệp trung học phổ thông", "phổ cập giáo dục mầm non", "xây dựng trường đạt chuẩn quốc gia",
    "bảo tồn di sản văn hóa", "phát triển du lịch cộng đồng", "phong trào thể dục, thể thao quần chúng",
    "quản lý hoạt động quảng cáo ngoài trời", "an toàn thông tin mạng", "kết nối, chia sẻ dữ liệu",
    "sử dụng chữ ký số chuyên dùng", "gửi, nhận văn bản điện tử", "vị trí việc làm và tinh giản biên chế",
    "tuyển dụng công chức", "bồi dưỡng cán bộ, công chức", "thi đua, khen thưởng", "kê khai tài sản, thu nhập",
    "tiếp công dân và giải quyết khiếu nại, tố cáo", "phòng, chống tham nhũng, tiêu cực", "thực hành tiết kiệm",
    "phổ biến, giáo dục pháp luật", "kiểm tra văn bản quy phạm pháp luật", "hộ tịch và chứng thực", "trợ giúp pháp lý",
    "quản lý tài sản công", "dự toán thu, chi ngân sách", "quyết toán ngân sách", "thu ngân sách trên địa bàn",
    "phát triển doanh nghiệp nhỏ và vừa", "xúc tiến thương mại", "bình ổn thị trường dịp Tết",
    "chống buôn lậu và gian lận thương mại", "phát triển cụm công nghiệp", "tiết kiệm điện", "an toàn hồ chứa nước",
    "thủy lợi nội đồng", "phát triển hợp tác xã", "sản phẩm mỗi xã một sản phẩm", "truy xuất nguồn gốc nông sản",
    "quản lý giết mổ gia súc", "thu gom, xử lý rác thải", "quan trắc chất lượng không khí", "khai thác cát, sỏi",
    "tuyển chọn và gọi công dân nhập ngũ", "phong trào toàn dân bảo vệ an ninh Tổ quốc", "chính sách người có công",
    "trợ giúp xã hội thường xuyên", "bình đẳng giới", "công tác dân tộc", "công tác tôn giáo", "công tác thanh niên",
    "quản lý người lao động nước ngoài", "hợp tác quốc tế của địa phương", "đón tiếp đoàn công tác",
    "cấp phép xây dựng nhà ở riêng lẻ", "nhà ở xã hội cho công nhân", "cấp nước sạch đô thị", "chiếu sáng công cộng",
    "cây xanh đô thị", "vận tải hành khách công cộng", "đăng kiểm phương tiện thủy nội địa", "biển báo giao thông",
    "dịch vụ công trực tuyến toàn trình", "số hóa hồ sơ, tài liệu lưu trữ", "hạ tầng viễn thông thụ động",
    "phủ sóng di động vùng sâu", "sáng kiến cải tiến kỹ thuật", "đề tài khoa học cấp tỉnh",
    "đo lường, chất lượng hàng hóa",
    "sở hữu trí tuệ cho nông sản", "thư viện và văn hóa đọc", "lễ hội đầu xuân", "gia đình văn hóa", "y tế học đường",
    "cung ứng thuốc thiết yếu", "hiến máu tình nguyện", "vệ sinh an toàn lao động", "tiền lương tối thiểu vùng",
    "bảo hiểm thất nghiệp", "điều tra dân số giữa kỳ", "thống kê nông nghiệp", "địa giới đơn vị hành chính",
    "sắp xếp tổ chức bộ máy", "quy chế làm việc", "chế độ họp và báo cáo",
)  # fmt: skip
SCOPES = (
    "trên địa bàn tỉnh", "tại các xã, phường", "trong các cơ quan hành chính", "đối với các đơn vị trực thuộc",
    "tại các trường học", "tại các khu công nghiệp", "ở vùng đồng bào dân tộc thiểu số", "tại các cơ sở y tế",
    "của các phòng chuyên môn", "đối với cán bộ, công chức, viên chức", "tại các khu dân cư", "ở khu vực ven sông",
    "trong mùa mưa bão", "trong dịp Tết Nguyên đán", "trong cao điểm mùa khô", "theo kết luận thanh tra",
    "theo ý kiến cử tri", "theo chỉ đạo của cấp trên", "của doanh nghiệp và người dân", "trong tình hình mới", "",
    "", "",
)  # fmt: skip
TIMES = ("năm {year}", "quý I năm {year}", "quý II năm {year}", "quý III năm {year}", "quý IV năm {year}",
         "6 tháng đầu năm {year}", "tháng {month} năm {year}", "giai đoạn {year} - {later}", "", "")  # fmt: skip

LEADS = {
    "Công văn": ("V/v {action} {matter}",),
    "Quyết định (cá biệt)": (
        "Về việc ban hành Kế hoạch {action} {matter}", "Về việc thành lập Tổ công tác {action} {matter}",
        "Về việc phê duyệt phương án {action} {matter}", "Về việc kiện toàn Ban Chỉ đạo {matter}",
    ),
    "Báo cáo": ("Kết quả {action} {matter}", "Tình hình {matter}"),
    "Kế hoạch": ("{Action} {matter}", "Kiểm tra {matter}"),
    "Tờ trình": ("Về việc đề nghị phê duyệt dự toán {matter}", "Về việc xin chủ trương {action} {matter}"),
    "Thông báo": ("Kết luận cuộc họp về {action} {matter}", "Về việc {action} {matter}"),
    "Giấy mời": ("Họp bàn về {action} {matter}", "Dự hội nghị {action} {matter}"),
    "Hướng dẫn": ("{Action} {matter}",),
    "Chỉ thị": ("Về việc {action} {matter}",),
    "Công điện": ("Về việc khẩn trương {action} {matter}",),
    "Nghị quyết (cá biệt)": ("Về {matter}",),
    "Chương trình": ("{Action} {matter}",),
    "Phương án": ("{Action} {matter}",),
    "Biên bản": ("Họp về {matter}",),
    "Phiếu chuyển": ("Chuyển đơn kiến nghị về {matter}",),
    "Quy chế": ("Phối hợp trong {matter}",),
}  # fmt: skip
KIND_SHARES = {
    "Công văn": 46, "Quyết định (cá biệt)": 14, "Báo cáo": 10, "Kế hoạch": 7, "Tờ trình": 5, "Thông báo": 6,
    "Giấy mời": 5, "Hướng dẫn": 2, "Chỉ thị": 1, "Công điện": 1, "Nghị quyết (cá biệt)": 1, "Chương trình": 1,
    "Phương án": 1, "Biên bản": 1, "Phiếu chuyển": 1, "Quy chế": 1,
}  # fmt: skip

OPENINGS = (
    "Thực hiện chương trình công tác năm {year}, {issuer} đề nghị các cơ quan, đơn vị {action} {matter} {scope}.",
    "Căn cứ chức năng, nhiệm vụ được giao và tình hình thực tế, {issuer} thông báo nội dung về {matter} như sau.",
    "Ngày {day}, {issuer} đã tổ chức cuộc họp về việc {action} {matter}; sau khi thảo luận, các ý kiến thống nhất.",
    "Qua theo dõi, {issuer} nhận thấy việc {action} {matter} {scope} còn một số tồn tại, hạn chế cần được khắc phục.",
    "Để chuẩn bị cho việc {action} {matter}, {issuer} đề nghị quý cơ quan quan tâm, phối hợp thực hiện.",
    "Tiếp theo văn bản trước đây về {matter}, {issuer} tiếp tục đề nghị các đơn vị {action} theo đúng tiến độ.",
)
SENTENCES = (
    "Thủ trưởng các đơn vị chịu trách nhiệm toàn diện về kết quả {action} {matter} thuộc phạm vi quản lý.",
    "Kết quả thực hiện gửi về {unit} trước ngày {due} để tổng hợp, báo cáo.",
    "Kinh phí thực hiện được bố trí từ nguồn dự toán đã giao, bảo đảm tiết kiệm, hiệu quả và đúng quy định.",
    "Giao {unit} chủ trì, phối hợp với các đơn vị liên quan theo dõi, đôn đốc và kiểm tra việc thực hiện.",
    "Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, đề nghị phản ánh kịp thời để được hướng dẫn.",
    "Tỷ lệ hoàn thành các nhiệm vụ về {matter} đạt {percent}% kế hoạch, tăng {few} điểm phần trăm so với cùng kỳ.",
    "Đã kiểm tra {count} cơ sở, qua đó nhắc nhở {few} trường hợp và yêu cầu khắc phục ngay các thiếu sót.",
    "Tổng số hồ sơ tiếp nhận là {count}, trong đó {percent}% được giải quyết đúng hạn.",
    "Các xã, phường chủ động lồng ghép nội dung {other} vào kế hoạch công tác của địa phương.",
    "Đồng thời đẩy mạnh tuyên truyền về {other} trên hệ thống truyền thanh cơ sở và trang thông tin điện tử.",
    "Phân công rõ người, rõ việc, rõ thời gian, rõ kết quả; không đùn đẩy, né tránh trách nhiệm.",
    "Riêng nội dung về {other} cần được báo cáo riêng, kèm theo phụ lục số liệu chi tiết đến từng đơn vị.",
    "Tổ công tác gồm {few} thành viên, làm việc theo chế độ kiêm nhiệm và tự giải thể khi hoàn thành nhiệm vụ.",
    "Số liệu tính đến ngày {day}; những phát sinh sau thời điểm này được cập nhật trong kỳ báo cáo tiếp theo.",
    "Nguyên nhân chủ yếu là nhân lực còn mỏng, một số quy trình chưa được chuẩn hóa và dữ liệu chưa liên thông.",
    "Thời gian tới, tập trung {action} {other}, coi đây là nhiệm vụ thường xuyên của cả hệ thống.",
    "Hội nghị được tổ chức lúc 08 giờ 00 phút ngày {due} tại phòng họp số {few}, thành phần theo danh sách kèm theo.",
    "Việc {action} {other} phải gắn với cải cách hành chính và ứng dụng công nghệ thông tin.",
    "Đề nghị cử {few} đại diện tham gia và gửi danh sách về {unit} trước ngày {due}.",
    "Chế độ báo cáo thực hiện định kỳ hằng quý, trước ngày 15 của tháng cuối quý.",
)
CLOSINGS = (
    "Đề nghị các cơ quan, đơn vị nghiêm túc triển khai thực hiện.", "Trân trọng cảm ơn sự phối hợp của quý cơ quan.",
    "Quyết định này có hiệu lực kể từ ngày ký.", "{issuer} kính báo cáo và xin ý kiến chỉ đạo.",
    "Rất mong nhận được sự quan tâm, phối hợp của quý cơ quan.", "Mọi thông tin xin liên hệ {unit} để được giải đáp.",
)  # fmt: skip

DIRECTIVES = (
    "Giao {unit} chủ trì tham mưu, báo cáo trước ngày {due}.",
    "{unit} nghiên cứu, tham mưu văn bản trả lời.",
    "Chuyển {unit} xử lý theo quy định, báo cáo kết quả.",
    "Đồng ý chủ trương, {unit} triển khai thực hiện.",
    "{unit} rà soát, đề xuất phương án; chú ý tiến độ.",
    "Giao {unit} phối hợp với các đơn vị liên quan thực hiện.",
    "Kính chuyển {unit} để biết và theo dõi.",
    "Yêu cầu {unit} khẩn trương tham mưu, không để quá hạn.",
    "{unit} tổng hợp số liệu, trình ký trước ngày {due}.",
    "Bố trí lịch dự họp; {unit} chuẩn bị nội dung.",
)
ASSIGNMENTS = (
    "Đồng chí soạn dự thảo trình tôi xem.", "Nghiên cứu, đề xuất trước ngày {due}.",
    "Tổng hợp số liệu, lập bảng so sánh.",
    "Liên hệ các đơn vị lấy ý kiến.", "Thực hiện theo chỉ đạo của lãnh đạo.", "Chuẩn bị tài liệu họp.",
)  # fmt: skip
RESULTS = (
    "Đã tham mưu văn bản trả lời và được ban hành.", "Đã cử cán bộ tham dự, có báo cáo kèm theo.",
    "Đã tổng hợp số liệu, gửi báo cáo đúng hạn.", "Đã triển khai đến các đơn vị trực thuộc.",
    "Lưu theo dõi, không phải trả lời.",
    "Đã rà soát, không có nội dung vướng mắc.", "Đã trình lãnh đạo cho ý kiến và thực hiện xong.",
)  # fmt: skip
OPINIONS = (
    "Nhất trí với dự thảo.", "Đề nghị bổ sung số liệu của quý trước.", "Cần lấy thêm ý kiến của bộ phận tài chính.",
    "Đã đọc, đề nghị làm rõ thời hạn thực hiện.", "Nội dung phù hợp với chức năng, nhiệm vụ của đơn vị.",
    "Đề nghị điều chỉnh căn cứ cho đúng văn bản hiện hành.", "Tôi đã liên hệ cơ quan gửi để xác minh.",
)  # fmt: skip
VOID_REASONS = ("Lấy nhầm số, văn bản không ban hành", "Trùng nội dung với văn bản đã ban hành",
                "Lãnh đạo yêu cầu dừng ban hành",
                "Sai thẩm quyền ký, phải soạn lại")  # fmt: skip
RETURN_REASONS = ("Gửi sai nơi nhận", "Thiếu phụ lục kèm theo", "Chữ ký số không hợp lệ", "Văn bản gửi trùng")
RECALL_REASONS = ("Có sai sót về số liệu, sẽ gửi văn bản thay thế", "Gửi nhầm nơi nhận", "Ban hành sai thể thức")

HEADINGS = (
    ("Tổng hợp", "TH"), ("Tổ chức, cán bộ", "TCCB"), ("Tài chính, tài sản", "TC"),
    ("Pháp chế, cải cách hành chính", "PC"),
    ("Chuyên môn, nghiệp vụ", "CM"), ("Thanh tra, tiếp công dân", "TTr"),
)  # fmt: skip
