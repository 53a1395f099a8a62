import TestKit
import Testing

@testable import Conformance

/// Each defect is found by the check that is meant for it.
@Suite(.needsPython, .serialized, .timeLimit(.minutes(5))) struct BrokenServerTests {
    struct Defect: Sendable, CustomTestStringConvertible {
        let name: String
        let check: String
        let arguments: [String]
        init(_ name: String, _ check: String, _ arguments: String...) {
            self.name = name
            self.check = check
            self.arguments = arguments
        }
        var testDescription: String { "\(name) -> \(check)" }
    }

    static let defects = [
        Defect("describe-slow", "describe-answers"), Defect("describe-changes", "describe-repeats"),
        Defect("describe-name", "describe-name"),
        Defect("describe-no-instance", "describe-identity"),
        Defect("describe-revision-0", "describe-revisions"),
        Defect("describe-no-inputs", "describe-inputs"),
        Defect("describe-input-twice", "describe-inputs"),
        Defect("describe-half-second", "describe-inputs"),
        Defect("describe-default-out", "describe-parameters"),
        Defect("describe-refuses", "describe-passes-over-parameters"),
        Defect("not-serving", "health-serving"), Defect("not-serving", "health-while-running"),

        Defect("refuses-all", "session-opens"), Defect("ready-epoch", "ready-repeats"),
        Defect("ready-instance", "ready-repeats"), Defect("ready-version", "ready-repeats"),
        Defect("backtest-after-watermark", "ready-backtest"),
        Defect("paced-after-zero", "ready-paced"), Defect("any-first-message", "configure-first"),
        Defect("any-revision", "revision-refused"),
        Defect("refuses-without-words", "revision-refused"),
        Defect("any-parameter", "unknown-parameter-refused"),
        Defect("parameters-unchecked", "parameter-out-of-range-refused"),
        Defect("parameters-unchecked", "parameter-of-another-type-refused"),
        Defect("default-differs", "defaults-accepted"),
        Defect("strict-fields", "configure-unknown-field"),
        Defect("few-instruments", "many-instruments"),

        Defect("depends-on-cut", "one-by-one"), Defect("depends-on-cut", "random-cuts"),
        Defect("depends-on-cut", "other-random-cuts"), Defect("depends-on-chance", "same-again"),
        Defect("state-shared", "two-sessions"), Defect("small-batches", "largest-batch"),
        Defect("previous-unchecked", "previous-checked"),
        Defect("count-unchecked", "count-checked"),
        Defect("instrument-unchecked", "instrument-checked"),
        Defect("columns-unchecked", "columns-checked"), Defect("order-unchecked", "order-checked"),
        Defect("strict-events", "events-unknown-field"),
        Defect("columns-all-needed", "empty-columns"),
        Defect("signed-positions", "high-positions"), Defect("big-values", "big-values"),

        Defect("watermark-missing", "watermark-each-message"),
        Defect("watermark-back", "watermark-never-back"),
        Defect("watermark-beyond", "watermark-not-beyond"),
        Defect("watermark-first", "results-before-watermark"),
        Defect("watermark-before-ready", "nothing-before-ready"),
        Defect("ready-twice", "one-ready"),
        Defect("unknown-kind", "known-messages"), Defect("failure-nowhere", "failures-told-well"),
        Defect("beat-lost", "beat-echoed"), Defect("beat-lost", "beat-when-fresh"),
        Defect("beat-old", "beat-echoed"), Defect("beat-old", "beat-in-order"),

        Defect("result-unsent", "results-of-events"), Defect("results-fall", "results-rise"),
        Defect("index-from-one", "results-index"),
        Defect("instrument-unknown", "results-instrument"),
        Defect("confidence-two", "results-values"), Defect("quantity-zero", "results-values"),
        Defect("no-action", "results-values"), Defect("text-long", "results-texts"),
        Defect("tags-many", "results-texts"), Defect("flood", "results-per-event"),

        Defect("resume-before", "resume-ready"), Defect("no-resend", "resume-results-again"),
        Defect("resend-watermark-old", "resume-watermark"),
        Defect("resend-all", "acknowledged-not-again"), Defect("known-ignored", "known-respected"),
        Defect("hash-ignored", "other-parameters-fresh"),
        Defect("mode-ignored", "other-mode-fresh"),
        Defect("previous-moves", "previous-resumes"),
        Defect("older-kept", "higher-epoch-takes-over"),
        Defect("equal-epoch", "equal-epoch-refused"),
        Defect("epoch-ignored", "lower-epoch-refused"),

        Defect("warm-up-after", "warm-up-answered", "--warm-up", "50"),
        Defect("warm-up-answered", "warm-up-silent", "--warm-up", "50"),
        Defect("warm-up-parts-mute", "warm-up-parts", "--warm-up", "50"),
        Defect("warm-up-empty-refused", "warm-up-empty", "--warm-up", "50"),
        Defect("warm-up-unasked-refused", "warm-up-unasked"),

        Defect("joins-unwarmed", "instrument-joins", "--warm-up", "50", "--independent"),
        Defect("joins-twice-warmed", "instrument-history-once", "--warm-up", "50", "--independent"),
        Defect("leaves-not", "instrument-leaves", "--independent"),
        Defect("returns-as-it-left", "instrument-returns", "--independent"),
        Defect("change-unknown", "instrument-unknown", "--independent"),
        Defect(
            "warm-up-changes-ignored", "instrument-in-warm-up", "--warm-up", "50", "--independent"),

        Defect("no-drained", "drain-answered"), Defect("behind-drained", "drain-last-message"),
        Defect("drained-position", "drain-position"), Defect("slow-drained", "drain-in-time"),
        Defect("no-drained", "drain-fresh"), Defect("drain-remembers", "drain-forgets"),

        Defect("describe-strict", "describe-unknown-field"),
        Defect("strict-messages", "unknown-message"),
        Defect("resend-always", "resume-nothing-again"), Defect("no-resume", "resume-ready"),
        Defect("no-resume", "previous-resumes"), Defect("resume-forgets", "resume-goes-on"),
        Defect("half-done", "break-at-work"), Defect("skipped-unknown", "skipped-accepted"),
        Defect("drain-at-once", "drain-finishes"), Defect("half-close-forgets", "half-close"),
        Defect("slow-to-come-back", "cancelled-call"), Defect("storm", "reconnect-storm"),
        Defect("damage-passed-over", "damaged-message"),

        Defect("snapshot-from-one", "snapshot-parts", "--snapshot-every", "100"),
        Defect("snapshot-huge", "snapshot-size", "--snapshot-every", "100"),
        Defect("snapshot-nameless", "snapshot-format", "--snapshot-every", "100"),
        Defect("snapshot-ahead", "snapshot-position", "--snapshot-every", "100"),
        Defect("snapshot-elsewhere", "snapshot-restored", "--snapshot-every", "100"),
        Defect("snapshot-empty", "snapshot-same-results", "--snapshot-every", "100"),
        Defect("snapshot-any-format", "snapshot-of-another-format", "--snapshot-every", "100"),
        Defect("snapshot-ends-call", "snapshot-damaged", "--snapshot-every", "100"),
        Defect("snapshot-first", "snapshot-left-aside", "--snapshot-every", "100"),

        Defect("instance-fixed", "restart-instance"),
        Defect("depends-on-process", "restart-same-results"),
        Defect("depends-on-process", "restart-fresh"),
        Defect("outlives-parent", "ends-with-its-parent"),
        Defect("sigterm-ignored", "ends-with-sigterm"), Defect("stale-socket", "stale-socket"),
        Defect("closes-when-stopped", "stopped-in-warm-up", "--warm-up", "50"),

        Defect("growing-refused", "unfinished-candles", "--inputs", "ticks,candles:60+"),

        Defect("one-session", "eight-sessions"), Defect("one-session", "hanging-neighbour"),
        Defect("dies-of-silence", "silent-stream"),
    ]

    @Test(arguments: defects)
    func isFound(_ defect: Defect) async throws {
        let check = try #require(Conformance.checks.first { $0.name == defect.check })
        let command = try Python.command(
            "Tests/ConformanceTests/Servers/broken_server.py",
            ["--defect", defect.name] + defect.arguments)
        let outcomes = try await TestServer.with(
            command, patience: .seconds(2), environment: try Python.messages()
        ) { await $0.run([check]) }
        #expect(outcomes.count == 1)
        #expect(outcomes.first?.isWrong == true, "\(outcomes.map(\.line))")
        // Found by what it says, not because there was no server. One that dies says nothing any more:
        // the stream that it died of has to be named.
        let line = outcomes.first?.line ?? ""
        if defect.check == "silent-stream" {
            let sent = "Configure after a stream that ends without a message"
            #expect(line.contains(sent), "\(line)")
        } else {
            #expect(!line.contains("UNAVAILABLE"), "\(line)")
        }
    }

    /// The largest and the smallest numbers are found, and do not end the checks.
    @Test func aHostileServerIsJudgedToTheEnd() async throws {
        let command = try Python.command(
            "Tests/ConformanceTests/Servers/broken_server.py",
            ["--defect", "extremes", "--snapshot-every", "100"])
        let outcomes = try await TestServer.with(
            command, patience: .milliseconds(400), environment: try Python.messages()
        ) { bench in await bench.run(Conformance.checks.filter { $0.group != .process }) }
        let wrong = Set(outcomes.filter(\.isWrong).map(\.check.name))
        #expect(wrong.isSuperset(of: ["results-of-events", "results-values", "drain-position"]))
        #expect(wrong.isSuperset(of: ["results-instrument", "results-index", "beat-echoed"]))
        #expect(outcomes.count { $0.isGood } >= 20)
    }

    /// Checks for which no server in the zoo is broken, and why.
    private static let without: [String: String] = [:]

    @Test func everyCheckHasADefect() {
        let found = Set(Self.defects.map(\.check))
        let missing = Conformance.checks.map(\.name).filter {
            !found.contains($0) && Self.without[$0] == nil
        }
        #expect(missing == [])
        #expect(Conformance.checks.count >= 100)
        #expect(Set(Conformance.checks.map(\.name)).count == Conformance.checks.count)
    }
}
