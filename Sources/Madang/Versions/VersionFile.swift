import Foundation
import Host
import Platform
import Ports
import Storage

/// Which versions of strategies somebody asked for: a small file of the folder, so that it is obeyed whether a
/// host runs or not, and stands over restarts, new runs and crashes.
///
/// `madang strategy promote` and `rollback` write an entry; the host writes its answer into it. An entry
/// is for one candidate: for another build or command it does not count. The log has it as well, from the
/// step on at which it was taken.
struct VersionFile {
    let folder: String
    /// Of who waits for a turn, in ms.
    var patience = 1_000

    struct Entry: Codable, Hashable {
        /// Rises with each entry of a folder.
        var number: Int
        var strategy: String
        /// See ``VersionPlan/text``.
        var plan: String
        var reason: String
        /// The candidate's command, address and parameters.
        var candidate: String
        /// Where it is another than the configuration names, or that one anew.
        var deployed: Deployment?
        /// The candidate as it described itself to the host that answered; `nil`: nobody did yet.
        var described: String?
        /// The process that has it in its log; `nil`: none yet.
        var process: Int32?
        /// Why the host does not do it now.
        var refused: String?
    }
    /// A candidate that was brought into a run, or to the next one.
    struct Deployment: Codable, Hashable {
        /// Of the entry that brought it.
        var number = 0
        /// One of both; none: the configured candidate's.
        var launch: [String] = []
        var address: String?
        /// Beside the strategy's.
        var parameters: [String: String] = [:]
        /// The strategy as it was configured then: of another one it is no candidate.
        var base = ""
    }
    private struct Content: Codable {
        var last = 0
        var strategies: [Entry] = []
    }

    var path: String { record.path }
    private var record: FolderRecord {
        FolderRecord(
            path: folder + "/versions.json", limit: 1_048_576, writer: "madang",
            advice: "put back what it held, or delete it: then every strategy begins as configured")
    }
    private static let longestReason = 2_000

    func entries() throws(RunError) -> [Entry] { try read().strategies }
    func entry(of strategy: String) throws(RunError) -> Entry? {
        try entries().first { $0.strategy == strategy }
    }

    /// Asks for a plan, instead of what stands for the strategy.
    ///
    /// - Parameters:
    ///   - candidate: Whom it is about, by the number of what deploys it.
    ///   - check: Sees what stands, and may refuse.
    func ask(
        _ plan: VersionPlan, of strategy: String, deployed: Deployment? = nil,
        reason: String, check: (Entry?) throws(RunError) -> Void = { _ in },
        candidate: (Deployment?) -> String
    ) throws(RunError) -> Entry {
        var entry = Entry(
            number: 0, strategy: strategy, plan: plan.text,
            reason: String(reason.prefix(Self.longestReason)), candidate: "", deployed: deployed)
        try change { content throws(RunError) in
            try check(content.strategies.first { $0.strategy == strategy })
            // The file may hold any number.
            content.last = content.last < .max ? content.last + 1 : 1
            entry.number = content.last
            if entry.deployed?.number == 0 { entry.deployed?.number = content.last }
            let candidate = candidate(entry.deployed)
            entry.candidate = candidate
            // Another build since the last answer is another candidate.
            entry.described =
                content.strategies.first {
                    $0.strategy == strategy && $0.candidate == candidate
                }?.described
            content.strategies.removeAll { $0.strategy == strategy }
            content.strategies.append(entry)
        }
        return entry
    }

    /// The host's answer, to this entry alone.
    func answer(_ number: Int, _ body: (inout Entry) -> Void) throws(RunError) {
        try change { content in
            guard let index = content.strategies.firstIndex(where: { $0.number == number }) else {
                return
            }
            body(&content.strategies[index])
        }
    }

    /// What makes a candidate the same one, as far as the configuration says; holds no secret.
    static func candidate(_ setting: CandidateSetting) -> String {
        let parameters = setting.parameters.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
        return
            ([setting.server.address, setting.server.folder] + setting.server.launch + parameters)
            .joined(separator: "\n")
    }

    // MARK: The file

    private func change(_ body: (inout Content) throws(RunError) -> Void) throws(RunError) {
        let turn = FolderTurn(folder + "/versions.lock", patience: patience)
        defer { withExtendedLifetime(turn) {} }
        var content = try read()
        try body(&content)
        try record.write(content)
    }

    private func read() throws(RunError) -> Content { try record.read() ?? Content() }
}
