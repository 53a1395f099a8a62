import Ports
import Testing
import TradingModel

@testable import Madang

/// `deadlines` of a strategy server.
@Suite struct DeadlineSettingTests {
    private static func strategy(_ keys: String) throws -> StrategySetting {
        let configuration = try HostConfiguration.reading(
            instruments: ["{ symbols: [A], market: KR }"],
            more: [
                "strategies: [{ name: model, kind: server, launch: [x], quantity: 1, \(keys) }]"
            ])
        return try #require(configuration.strategies.first)
    }
    private static func server(_ setting: StrategySetting?) throws -> ServerSetting {
        guard case .server(let server) = setting?.kind else { throw Missing() }
        return server
    }
    private struct Missing: Error {}

    @Test func eachKindMayHaveItsOwn() throws {
        let setting = try Self.strategy(
            "deadline: 300ms, deadlines: { candles: 2s, fills: 10ms }, standby: { launch: [x] }")
        let server = try Self.server(setting)
        #expect(server.deadline == .milliseconds(300))
        let own = ClassDeadlines(candles: .seconds(2), fills: .milliseconds(10))
        #expect(server.deadlines == own)
        #expect(setting.standby?.deadlines == own, "both are late by one clock")
        #expect(own.longest(or: server.deadline) == .seconds(2))
        #expect(own.longest(or: .seconds(3)) == .seconds(3))
        #expect(try Self.server(Self.strategy("deadline: 1s")).deadlines == nil)
    }

    @Test(arguments: [
        ("deadlines: { candle: 2s }", "candle"), ("deadlines: { candles: 2h }", "1h"),
        ("deadlines: 2s", "deadlines"),
        ("candidate: { launch: [x], deadlines: { ticks: 1s } }", "deadlines"),
    ])
    func whatIsNoDeadlineIsNamed(_ keys: String, _ words: String) {
        do {
            _ = try Self.strategy(keys)
            Issue.record("\(keys) was taken")
        } catch {
            #expect("\(error)".contains(words), "\(error)")
        }
    }

    @Test func aDeadlineOfWhatIsNotHeardIsTold() throws {
        let setting = try Self.strategy(
            "deadlines: { ticks: 1s, candles: 2s, timers: 1s, fills: 1s }")
        var server = ServerDescription(
            name: "m", version: "1", instanceID: "i", modelName: "", modelVersion: "",
            modelHash: "", sdk: "",
            inputs: [ServerInput(.candles(.minute, unfinished: false), warmUp: 0)],
            readsAccount: false, independentInstruments: true, largestBatch: 1, parameterHash: "",
            followsInstruments: false)
        func idle() -> [String] {
            setting.idleDeadlines(of: server).map {
                $0.replacing("model has a deadline for ", with: "")
                    .replacing(", and hears none", with: "")
            }
        }
        #expect(idle() == ["ticks", "timers", "fills"])
        server.inputs = [
            ServerInput(.candles(.minute, unfinished: true), warmUp: 0),
            ServerInput(.timers(.minute), warmUp: 0),
        ]
        server.readsAccount = true
        #expect(idle() == [])
        #expect(try Self.strategy("deadline: 1s").idleDeadlines(of: server) == [])
    }
}
