import Platform
import Ports
import Synchronization
import Testing
import TradingModel

@testable import Madang

/// Each wrong state, forced by an environment that has it.
@Suite struct DoctorTests {
    @Test func aGoodHouseHasNothingWrong() async {
        let results = await Doctor(checks: Doctor.checks, environment: .sample()).run { _ in }
        #expect(results.map(\.check) == Doctor.checks.map(\.name))
        let findings = results.flatMap(\.findings)
        #expect(findings.filter { $0.level == .wrong || $0.level == .warning } == [])
        #expect(Doctor.code(of: results) == .good)
        #expect(DoctorReport.plain.verdict(results) == "nothing is wrong")
    }

    @Test(arguments: WrongState.all) func aWrongStateIsToldWithWhatToDo(_ state: WrongState) async {
        var environment = DoctorEnvironment.sample()
        state.force(&environment)
        let results = await Doctor(checks: Doctor.checks, environment: environment).run { _ in }
        let found = results.flatMap { result in
            result.findings.filter { $0.level == .wrong || $0.level == .warning }
                .map { (result.check, $0) }
        }
        #expect(found.map(\.0) == [state.check], "\(found)")
        guard let finding = found.first?.1 else { return }
        #expect(finding.level == state.level && finding.what.contains(state.words), "\(finding)")
        #expect(!finding.next.isEmpty && !finding.next.contains("\n"))
        #expect(!finding.what.contains("\n"))
        #expect(Doctor.code(of: results) == state.code)
    }

    @Test func withoutAConfigurationTheRestIsStillLookedAt() async {
        var environment = DoctorEnvironment.sample()
        environment.configuration = nil
        environment.configurationError =
            "madang.yaml:3:1: unknown key 'feed'\n  did you mean 'feeds'?"
        let results = await Doctor(checks: Doctor.checks, environment: environment).run { _ in }
        #expect(Doctor.code(of: results) == .configuration)
        #expect(results[0].findings[0].next == "did you mean 'feeds'?")
        #expect(results.first { $0.check == "libraries" }?.findings.first?.level == .good)
        for name in ["store", "disk", "feeds", "python", "servers"] {
            let levels = results.first { $0.check == name }?.findings.map(\.level)
            #expect(levels == [.skipped], "\(name)")
        }
    }

    /// One that blocks its thread for good, and one that waits for good, stop no other.
    @Test func aCheckThatHangsIsToldAndStopsNoOther() async throws {
        let gate = Mailbox<Int>(capacity: 1)
        let waiting = Kept()
        let checks: [any DoctorCheck] = [
            HangingCheck(name: "blocked") { _ = gate.take() },
            HangingCheck(name: "waiting") { await withCheckedContinuation { waiting.keep($0) } },
            LibraryCheck(),
        ]
        let results = await Doctor(checks: checks, environment: .sample()).run { _ in }
        #expect(results.map { $0.findings.map(\.level) } == [[.wrong], [.wrong], [.good]])
        #expect(results[0].findings[0].what.contains("no answer"))
        #expect(Doctor.code(of: results) == .server)
        gate.close()
        waiting.resume()
    }

    @Test func reportsAreForPeopleAndPrograms() throws {
        let result = Doctor.Result(
            check: "store",
            findings: [.good("fine"), .wrong("bad \"mode\"", next: "chmod 700 x", .store)], took: 5)
        #expect(
            DoctorReport.plain.lines(result) == [
                "good     store          fine", "WRONG                   bad \"mode\"",
                "                        -> chmod 700 x",
            ])
        let colours = DoctorReport(terminal: Terminal(isInteractive: true, isColoured: true))
        #expect(colours.lines(result)[1].contains("\u{1B}[31m"))
        #expect(
            try DoctorReport.json(result)[1]
                == #"{"check":"store","exit_code":5,"level":"wrong","next":"chmod 700 x","took_ns":5,"what":"bad \"mode\""}"#
        )
        #expect(DoctorReport.plain.verdict([result, result]) == "2 things are wrong")
    }

    /// A Python of an environment is a link, which must be called by its own name.
    @Test func aLaunchPathIsShortenedByItsWordsAlone() throws {
        guard case .server(var server)? = SampleConfiguration.shared?.strategies.first?.kind else {
            Issue.record("no sample")
            return
        }
        server.folder = "../.."
        let plan = LaunchSetting(server, base: "/a/b/c", host: ["PATH": "/bin", "SECRET": "x"])
        #expect(plan.path(".venv/bin/python") == "/a/.venv/bin/python")
        #expect(plan.path("/usr/./bin/python") == "/usr/bin/python")
        #expect(LaunchSetting(server, base: ".", host: [:]).path("x.py") == "../../x.py")
        #expect(plan.environment["SECRET"] == nil && plan.environment["PATH"] == "/bin")
    }

    @Test(
        arguments: [
            ("3.40.1", "3.40.0", true), ("3.39.9", "3.40.0", false), ("29.0.0", "29.0.0", true),
            ("3.0", "3.0.0", true), ("1.2.13.1-motley", "1.2.13", true), ("1.2.9", "1.2.13", false),
            ("4", "3.9", true), ("", "1", false), ("beta", "0", false),
        ])
    func versionsAreCompared(_ version: String, _ least: String, _ isGood: Bool) {
        #expect(VersionOrder.isAtLeast(version, least) == isGood)
    }
}

extension DoctorReport {
    static let plain = DoctorReport(terminal: Terminal(isInteractive: false, isColoured: false))
}

private struct HangingCheck: DoctorCheck {
    let name: String
    let timeout = Duration.milliseconds(5)
    let code = ExitCode.server
    let hang: @Sendable () async -> Void
    func run(_ environment: DoctorEnvironment) async -> [Finding] {
        await hang()
        return []
    }
}

/// Holds a continuation until the test is over.
private final class Kept: Sendable {
    private let state = Mutex<(CheckedContinuation<Void, Never>?, isOver: Bool)>((nil, false))
    func keep(_ continuation: CheckedContinuation<Void, Never>) {
        let isOver = state.withLock { state in
            if !state.isOver { state.0 = continuation }
            return state.isOver
        }
        if isOver { continuation.resume() }
    }
    func resume() {
        let kept = state.withLock { state in
            state.isOver = true
            return state.0.take()
        }
        kept?.resume()
    }
}
