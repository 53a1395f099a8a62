import Host

/// How people tell a running host about exits.
struct ExitFile: AskedFile {
    let folder: String
    var patience = 1_000
    static let name = "exits"
    static let limit = 65_536
    static let writer = "'madang exits'"

    struct Request: Codable, Hashable, Numbered {
        var number = 0
        /// The host that is asked: no other takes it.
        var process: Int32
        var wish: ExitOrder.Wish
        var reason: String
    }
    struct Answer: Codable, Numbered {
        var number: Int
        var process: Int32
        var isTaken: Bool
        var words: String
    }
}
