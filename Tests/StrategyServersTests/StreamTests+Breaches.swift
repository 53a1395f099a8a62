import Platform
import Ports
import StrategyWire
import Testing
import TradingModel

@testable import StrategyServers

/// What breaks the contract while events flow, and words without end. The test plays the server.
extension StreamTests {
    @Test func eightMessagesInARowThatBreakTheContractEndTheSession() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed([.tick(1)]))
            try await puppet.accept()
            _ = try await puppet.events()
            let bad = PBResult(position: 1 << 20, action: .unspecified)
            for _ in 0..<7 { try await puppet.say(.results(PBResults(results: [bad]))) }
            try await puppet.say(.results(PBResults()))
            for _ in 0..<7 { try await puppet.say(.results(PBResults(results: [bad]))) }
            try await running.inbox.heard.wait(for: "14 refusals") { $0.refused == 14 }
            #expect(!running.inbox.heard.value.states.contains(.quarantined))
            try await puppet.say(.results(PBResults(results: [bad])))
            let words = try await running.inbox.wait(.quarantined)
            #expect(
                words.hasPrefix(
                    "eight messages in a row held results that break the contract; 15 results were"
                        + " refused, the last because of: action is missing"), "\(words)")
        }
    }

    @Test func halfOfTheMessagesThatBreakTheContractEndTheSessionToo() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed(.ticks(1...50)))
            try await puppet.accept()
            _ = try await puppet.events()
            for step in 1...50 as ClosedRange<UInt64> {
                let good = PBResult(position: step << 20, action: .buy)
                let bad = PBResult(position: step << 20, index: 1, action: .unspecified)
                try await puppet.say(.results(PBResults(results: [good])))
                try await puppet.say(.results(PBResults(results: [bad])))
            }
            let words = try await running.inbox.wait(.quarantined)
            let begin = "50 of the last 100 messages held results that break the contract; "
            #expect(words.hasPrefix(begin), "\(words)")
        }
    }

    /// A failure costs a line, and people a look: more than their rate are counted and not told.
    @Test func failuresAreToldNoFasterThanLines() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let clock = ManualClock(monotonic: 5_000_000_000_000)
            let running = try await bench.run(bench.plan(), ListFeed([.tick(1)]), clock: clock)
            try await puppet.accept()
            _ = try await puppet.events()
            for number in 1...30 {
                let failure = PBFailure(
                    position: 1 << 20, recoverable: true, message: "boom \(number)")
                try await puppet.say(.failure(failure))
            }
            try await puppet.watermark(at(1))
            let heard = try await running.inbox.wait(closed: at(1))
            let failures = heard.reports.count { if case .failure = $0 { true } else { false } }
            #expect(failures == 20)
            await running.stop()
            let rest = SessionReport.log(
                level: "warning", text: "10 more failures were dropped: 20 a second are kept")
            #expect(running.inbox.heard.value.reports.contains(rest))
        }
    }
}
