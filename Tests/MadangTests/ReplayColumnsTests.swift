import Host
import Kernel
import Ports
import StrategyWire
import TestKit
import Testing
import TradingModel

@testable import Madang
@testable import StrategyServers

/// What a session is sent is the same by both ways from the recording to the columns.
@Suite struct ReplayColumnsTests {
    private static let instruments = (0..<3).map { Instrument.sample($0) }

    /// Ticks by the thousand, with a candle or a quote among them now and then.
    private static func rows(_ seed: UInt64) -> [MarketInput] {
        var random = SeededRandom(seed)
        var time: Int64 = 0
        return (0..<6_000).map { _ in
            time += Int64.random(in: 0...(random.oneIn(400) ? 90 : 1), using: &random)
            let instrument = Int.random(in: 0..<3, using: &random)
            let price = Int64.random(in: 90...110, using: &random)
            guard random.oneIn(300) else { return .tick(.at(time, price, of: instrument)) }
            return .quote(
                Quote(
                    instrument: InstrumentID(instrument), feedTime: .seconds(time),
                    bid: .won(price), bidQuantity: .shares(1), ask: .won(price + 1),
                    askQuantity: .shares(2)))
        }
    }

    private static func feed(
        _ rows: [MarketInput], readsAccount: Bool, _ journal: AccountJournal
    ) -> ReplayFeed {
        let inputs: [ServerInput.Kind] = [.ticks, .quotes, .candles(.minute, unfinished: false)]
        let description = ServerDescription(
            name: "x", version: "1", instanceID: "i", modelName: "x", modelVersion: "1",
            modelHash: "h", sdk: "test", inputs: inputs.map { ServerInput($0, warmUp: 0) },
            readsAccount: readsAccount, independentInstruments: true, largestBatch: 2_048,
            parameterHash: "0", followsInstruments: true)
        // One instrument of the house is not of the session.
        let subscription = Subscription(
            description, instruments: [InstrumentID(0), InstrumentID(2)], of: 3,
            account: AccountID(0))
        return ReplayFeed(
            MemoryFeed(rows), MarketPlan(zones: [.seoul, .seoul, .seoul], intervals: [.minute]),
            subscription, journal)
    }

    private enum Way: CaseIterable { case columns, events }

    /// Every message to the end, with the loop as far as it must be.
    private static func messages(
        by way: Way, _ rows: [MarketInput], readsAccount: Bool, limits seed: UInt64,
        again position: EventPosition? = nil
    ) -> (bytes: [[UInt8]], given: Int) {
        var random = SeededRandom(seed)
        let journal = AccountJournal()
        let feed = feed(rows, readsAccount: readsAccount, journal)
        var batch = EventBatch([instruments[0], instruments[2]])
        var writer = WireWriter()
        var messages: [[UInt8]] = []
        var last = EventPosition.start
        var again = position
        while true {
            let limit = Int.random(in: 1...2_048, using: &random)
            batch.begin(after: last)
            let said: FeedPull
            switch way {
            case .columns: said = feed.pull(after: last, limit: limit, into: &batch)
            case .events:
                var events: [SessionEvent] = []
                said = feed.pull(after: last, limit: limit, into: &events)
                for event in events { batch.add(event) }
            }
            switch said {
            case .events:
                writer.reset()
                batch.write(to: &writer)
                messages.append(writer.bytes)
                last = batch.positions.last ?? last
                if let back = again, last > back { (last, again) = (back, nil) }
            case .wait:
                let step = journal.decided + 1
                journal.decide(step)
            case .end: return (messages, feed.given)
            case .lookOn: continue
            case .skipped, .outOfReach, .failed:
                Issue.record("\(said)")
                return (messages, feed.given)
            }
        }
    }

    @Test(arguments: seeds(0..<4), [false, true])
    func bothWaysSendTheSame(_ seed: UInt64, _ readsAccount: Bool) {
        let rows = Self.rows(seed)
        let back = EventPosition(step: 1_500, index: 0)
        for again in [nil, back] {
            let sent = Way.allCases.map {
                Self.messages(
                    by: $0, rows, readsAccount: readsAccount, limits: seed + 9, again: again)
            }
            #expect(sent[0].bytes == sent[1].bytes)
            #expect(sent[0].given == sent[1].given)
            #expect(sent[0].bytes.count > 3 && sent[0].given > 3_000)
        }
    }
}
