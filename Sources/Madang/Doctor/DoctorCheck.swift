import Platform

/// One thing that the doctor looks at. New ones join the list in `Doctor`.
///
/// A check changes nothing but what it takes away again, and depends on its environment alone. It runs on
/// a thread of its own: it may block, and one that hangs stops no other.
protocol DoctorCheck: Sendable {
    /// `store`
    var name: String { get }
    /// After this it counts as hanging.
    var timeout: Duration { get }
    /// What the program ends with where the check hangs.
    var code: ExitCode { get }
    func run(_ environment: DoctorEnvironment) async -> [Finding]
}

extension DoctorCheck {
    var timeout: Duration { .seconds(10) }

    /// What a check says where there is no configuration to look at.
    func withConfiguration(
        _ environment: DoctorEnvironment, _ body: (HostConfiguration) -> [Finding]
    ) -> [Finding] {
        guard let configuration = environment.configuration else {
            return [.skipped("not looked at without a good configuration")]
        }
        return body(configuration)
    }
}

/// A line of the doctor's.
struct Finding: Hashable, Sendable {
    enum Level: String, Hashable, Sendable { case good, warning, wrong, skipped }
    let level: Level
    let what: String
    /// What to do next; empty where nothing is to be done.
    let next: String
    /// What the program ends with; `good` unless something is wrong.
    let code: ExitCode

    static func good(_ what: String) -> Finding {
        Finding(level: .good, what: what, next: "", code: .good)
    }
    static func skipped(_ what: String, next: String = "") -> Finding {
        Finding(level: .skipped, what: what, next: next, code: .good)
    }
    static func warning(_ what: String, next: String) -> Finding {
        Finding(level: .warning, what: what, next: next, code: .good)
    }
    static func wrong(_ what: String, next: String, _ code: ExitCode) -> Finding {
        Finding(level: .wrong, what: what, next: next, code: code)
    }

    /// An error's first line is what, the rest is what to do.
    static func wrong(_ error: String, else next: String, _ code: ExitCode) -> Finding {
        let lines = error.split(separator: "\n", omittingEmptySubsequences: true)
        // What a server printed is told by a run; here one line is enough.
        let said = lines.last { $0.hasPrefix("  | ") && !$0.hasPrefix("  | the process") }
        let rest = (lines.dropFirst().filter { !$0.hasPrefix("  | ") } + [said].compactMap { $0 })
            .map { $0.drop { $0 == " " || $0 == "|" } }.joined(separator: "; ")
        return wrong(
            String(lines.first ?? "it failed"), next: rest.isEmpty ? next : rest, code)
    }
}
