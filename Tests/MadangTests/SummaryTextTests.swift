import Platform
import Ports
import Testing

@testable import Madang

@Suite struct SummaryTextTests {
    private func table(width: Int, _ sources: [RunSummary.Source]) -> [String] {
        var summary = RunSummary()
        summary.sources = sources
        return SummaryText(summary: summary, width: width).lines
    }
    private func source(_ name: String, _ change: (inout RunSummary.Source) -> Void)
        -> RunSummary.Source
    {
        var source = RunSummary.Source(name: name, kind: "server")
        change(&source)
        return source
    }

    @Test func columnsInWhichNothingStandsAreLeftOut() {
        let lines = table(width: 80, [source("a") { $0.state = "live" }])
        #expect(lines.contains("source  kind    results  used  late"))
    }

    /// Of what brokers told, beside the fees that it is a part of; where none told it the line is what it was.
    @Test(
        arguments: [(nil, "fees 1234.5"), ("1100", "fees 1234.5 (tax 1100)")] as [(String?, String)]
    )
    func whatOfTheFeesIsTaxIsShown(_ tax: String?, _ words: String) {
        var summary = RunSummary()
        (summary.fees, summary.tax) = ("1234.5", tax)
        let line = SummaryText(summary: summary).lines.first { $0.hasPrefix("orders ") }
        #expect(line?.replacing(",", with: "").hasSuffix(words) == true, "\(line ?? "")")
    }

    @Test func latenciesAreShown() {
        let slow = source("모멘텀") {
            $0.latency = Latency(count: 1, p50: 91_000, p90: 0, p99: 2_100_000, max: 3_000_000)
            $0.state = "hung"
        }
        let lines = table(width: 80, [slow, source("a") { _ in }])
        #expect(lines.contains("source  kind    results  used  late      p50     p99  state"))
        #expect(lines.contains("모멘텀  server        0     0     0  91.0 µs  2.1 ms  hung"))
        #expect(lines.contains("a       server        0     0     0        -       -  -"))
    }

    @Test func whatAServerWasRefusedAndHowOftenItCameBackIsShown() {
        let broken = source("a") {
            var figures = ServerFigures(version: "1")
            (figures.invalid, figures.restarts) = (1_234, 2)
            $0.server = figures
            $0.state = "live"
        }
        let lines = table(width: 80, [broken, source("b") { $0.state = "live" }])
        #expect(lines.contains("source  kind    results  used  late  invalid  restarts"))
        #expect(lines.contains("a       server        0     0     0    1,234         2"))
    }

    @Test func aStandbyIsToldWithWhatItWasFor() {
        func server(_ name: String, _ isHeard: Bool, _ state: String) -> RunSummary.Standby.Server {
            RunSummary.Standby.Server(
                name: name, isHeard: isHeard, state: state, failures: 0, leftOut: nil,
                latency: nil, server: nil)
        }
        func pair(_ switches: Int, _ differing: Int) -> RunSummary.Standby {
            RunSummary.Standby(
                shard: nil, switches: switches, same: 1_200, differing: differing, uncompared: 3,
                servers: [
                    server("a", switches == 0, "quarantined"),
                    server("a standby", switches > 0, "live"),
                ])
        }
        let calm = table(width: 80, [source("a") { $0.standbys = [pair(0, 0)] }])
        #expect(calm.contains("a is heard, a standby stands by (live); 1,200 results alike"))
        let lost = table(width: 80, [source("a") { $0.standbys = [pair(1, 1)] }])
        #expect(
            lost.contains(
                "a standby is heard, a stands by (quarantined); 1 switch; 1,200 results alike,"
                    + " 1 not"))
        #expect(lost.contains { $0.hasPrefix("a is in quarantine: mend it, then madang strategy") })
    }

    @Test func aQuarantineIsToldWithWhatEndsIt() {
        var summary = RunSummary()
        summary.sources = [
            source("bad one") { $0.state = "quarantined" }, source("good") { $0.state = "live" },
        ]
        let lines = SummaryText(summary: summary).lines
        #expect(lines.count { $0.contains("quarantine:") } == 1)
        #expect(
            lines.contains(
                "bad one is in quarantine: mend it, then madang strategy release \"bad one\""))
    }

    /// Who reads 80 columns sees the rest in --summary; a wide terminal has them all.
    @Test func theLeastImportantGoFirst() {
        let full = source("a strategy") {
            ($0.outvoted, $0.expired, $0.replaced, $0.notApproved, $0.alerts) = (1, 2, 3, 4, 5)
            $0.latency = Latency(count: 1, p50: 91_000, p90: 0, p99: 2_100_000, max: 3_000_000)
            $0.state = "hung"
        }
        let narrow = table(width: 80, [full])
        #expect(!narrow.contains { displayWidth(of: $0) > 80 })
        #expect(
            narrow.contains {
                $0.contains("not approved") && $0.contains("p99") && $0.contains("state")
            })
        #expect(
            table(width: 200, [full]).contains { $0.contains("kind") && $0.contains("replaced") })
    }
}
