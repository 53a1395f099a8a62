import Foundation
import Glibc
import Host
import Platform
import Ports
import Storage

/// What people ask of the desks of a running host: a small file for each request, and one for its answer.
///
/// Both are replaced whole and private. A request is for the host at work alone: what stands there when a host starts was asked
/// of another, and is thrown away.
struct DeskRequests {
    let folder: String

    struct Answer: Codable {
        var number: Int
        var words: String
        var isDone: Bool
        var process: Int32
    }
    private static let requestHead = "desk-request-"
    private static let answerHead = "desk-answer-"

    private func record(_ name: String) -> FolderRecord {
        FolderRecord(
            path: "\(folder)/\(name)", limit: 16_384, writer: "a host or 'madang order'",
            advice: "delete it, and ask again")
    }
    private func asked(_ number: Int) -> FolderRecord {
        record("\(Self.requestHead)\(number).json")
    }
    private func heard(_ number: Int) -> FolderRecord {
        record("\(Self.answerHead)\(number).json")
    }

    // MARK: Who asks

    func ask(_ what: DeskRequest.What) throws(RunError) -> DeskRequest {
        let request = DeskRequest(number: Int.random(in: 1...(1 << 52)), what: what)
        try asked(request.number).write(request)
        return request
    }

    /// The answer, once; `nil`: not yet.
    func takeAnswer(to request: DeskRequest) -> Answer? {
        let record = heard(request.number)
        guard let answer = try? record.read(Answer.self) else { return nil }
        unlink(record.path)
        return answer
    }

    /// - Returns: Whether nobody has heard it: then nobody will.
    func withdraw(_ request: DeskRequest) -> Bool { unlink(asked(request.number).path) == 0 }

    // MARK: The host

    /// Requests that stand there, each given once: its file goes before it is carried out.
    func take() -> [DeskRequest] {
        names(Self.requestHead).compactMap { name in
            let record = record(name)
            let request = try? record.read(DeskRequest.self)
            return unlink(record.path) == 0 ? request : nil
        }
    }

    func answer(_ request: DeskRequest, _ words: String, isDone: Bool) throws(RunError) {
        let answer = Answer(
            number: request.number, words: words, isDone: isDone, process: getpid())
        try heard(request.number).write(answer)
    }

    /// Of hosts and people that are gone.
    func clear() {
        for name in names(Self.requestHead) + names(Self.answerHead) { unlink("\(folder)/\(name)") }
    }

    private func names(_ head: String) -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return all.filter { $0.hasPrefix(head) && $0.hasSuffix(".json") }.sorted()
    }
}

/// Brings requests of the folder to the run in hand, and its answers back.
final class DeskWatch: Sendable {
    private let requests: DeskRequests
    private let control: RunControl
    private let observer: any RunObserver
    private let watch = Locked<FolderWatch?>(nil)

    init(_ requests: DeskRequests, _ control: RunControl, observer: any RunObserver) {
        self.requests = requests
        self.control = control
        self.observer = observer
        control.onAnswered { request, words, isDone in
            // Who asked says itself that no answer came.
            try? requests.answer(request, words, isDone: isDone)
        }
    }

    func start() {
        requests.clear()
        let watch = FolderWatch(requests.folder) { [weak self] in self?.look() }
        if watch == nil {
            observer.notice(
                RunNotice(
                    .warning, time: .zero,
                    text: "the system has no file watch left: 'madang order' and 'madang account'"
                        + " are not heard; see fs.inotify.max_user_instances"))
        }
        self.watch.withLock { $0 = watch }
        look()
    }

    private func look() { for request in requests.take() { control.ask(request) } }
}
