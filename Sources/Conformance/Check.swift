/// One question to a strategy server, with what the contract says about it.
package struct Check: Sendable {
    /// What a check is about.
    package enum Group: String, Hashable, Sendable, CaseIterable {
        case describe, health, opening, events, watermarks, results, resume, warmup, instruments
        case drain, snapshots, robustness, process
    }
    /// Lower case with hyphens; never used for another question.
    package let name: String
    package let group: Group
    /// The contract's rule, in one sentence.
    package let says: String
    /// The chapter of docs/PROTOCOL.md where it stands.
    package let chapter: String
    let ask: @Sendable (Workbench) async throws -> Verdict

    init(
        _ name: String, _ group: Group, _ says: String, in chapter: String,
        _ ask: @escaping @Sendable (Workbench) async throws -> Verdict
    ) {
        self.name = name
        self.group = group
        self.says = says
        self.chapter = chapter
        self.ask = ask
    }
}

/// What a check found.
package enum Verdict: Hashable, Sendable {
    /// - Parameter came: What was seen, in a phrase.
    case good(sent: String, came: String)
    case wrong(sent: String, came: String)
    /// - Parameter next: What would make it apply.
    case notApplicable(why: String, next: String)
}

/// The server is not where a check needs it: what was sent, and what came instead.
struct Obstacle: Error, Hashable {
    let sent: String
    let came: String
    init(sent: String, came: String) {
        self.sent = sent
        self.came = came
    }
}

/// A check has nothing to ask of this server.
struct NotApplicable: Error, Hashable {
    let why: String
    let next: String
    init(_ why: String, next: String) {
        self.why = why
        self.next = next
    }
}

/// A rule that something broke, in a phrase of what came.
struct Fault: Hashable, Sendable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension Verdict {
    /// Good without faults; otherwise wrong with the first, and how many more there are.
    static func judged(_ faults: [Fault], sent: String, good: String) -> Verdict {
        guard let first = faults.first else { return .good(sent: sent, came: good) }
        let more = faults.count > 1 ? " (and \(faults.count - 1) more such)" : ""
        return .wrong(sent: sent, came: "\(first)\(more)")
    }
}
