import Platform

/// Something that people ask of a host, or what it answered: known by its number.
protocol Numbered {
    /// Rises with each request of a folder.
    var number: Int { get set }
}

/// How people ask a running host: two small files in its folder, one with what was asked, one with what the host
/// answered. Both are replaced whole.
protocol AskedFile {
    associatedtype Request: Codable, Numbered
    associatedtype Answer: Codable, Numbered
    var folder: String { get }
    /// Of who waits for a turn, in ms.
    var patience: Int { get }
    /// Of both files, without what tells them apart.
    static var name: String { get }
    /// Of each, bytes.
    static var limit: Int { get }
    /// Who writes them, as in "this is not what the host wrote".
    static var writer: String { get }
}

extension AskedFile {
    private var asked: FolderRecord { record("\(Self.name).json") }
    private var heard: FolderRecord { record("\(Self.name).heard.json") }
    private func record(_ name: String) -> FolderRecord {
        FolderRecord(
            path: folder + "/" + name, limit: Self.limit, writer: Self.writer,
            advice: "delete it, and ask again")
    }

    func request() throws(RunError) -> Request? { try asked.read() }
    func answer() throws(RunError) -> Answer? { try heard.read() }

    /// Asks, with the next number.
    func ask(_ request: Request) throws(RunError) -> Request {
        let turn = FolderTurn("\(folder)/\(Self.name).lock", patience: patience)
        defer { withExtendedLifetime(turn) {} }
        let last = max((try? self.request())?.number ?? 0, (try? answer())?.number ?? 0)
        var request = request
        request.number = last < .max ? last + 1 : 1
        try asked.write(request)
        return request
    }

    func write(_ answer: Answer) throws(RunError) { try heard.write(answer) }
}
