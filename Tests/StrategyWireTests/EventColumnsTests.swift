import StrategyWire
import TestKit
import Testing
import TradingModel

@Suite struct EventColumnsTests {
    @Test(arguments: seeds(1..<41))
    func eventsComeBackInTheirOrder(seed: UInt64) throws {
        var random = SeededRandom(seed)
        var columns = EventColumns()
        for _ in 0..<3 {  // emptied and used again
            columns.reset(after: EventPosition(UInt64.random(in: 0...1 << 40, using: &random)))
            let count = Int.random(in: 0...900, using: &random)  // past what the columns begin with
            let rows = random.rows(count: count, after: columns.previous)
            columns.append(rows)
            #expect(columns.count == rows.count)
            #expect(columns.last == rows.last?.position ?? columns.previous)
            let bytes = columns.message().encoded()
            #expect(try PBEvents(decoding: bytes).rows() == rows)
        }
    }

    @Test func libprotobufReadsTheColumns() throws {
        var random = SeededRandom(5)
        let oracle = try WireOracle()
        var pairs: [(original: [UInt8], copy: [UInt8])] = []
        for _ in 0..<50 {
            var columns = EventColumns()
            columns.append(random.rows(count: 40, after: .start))
            let bytes = columns.message().encoded()
            pairs.append((bytes, bytes))
        }
        let verdicts = try oracle.compare(PBEvents.protoName, pairs)
        #expect(verdicts.allSatisfy { $0 == .sameBytes })
    }

    @Test func aColumnIsOneRun() throws {
        let count = 20_000
        var columns = EventColumns()
        for index in 1...count {
            columns.append(
                tick(price: Int64(index)), instrument: 1,
                at: EventPosition(UInt64(index)), entryTime: .zero)
        }
        let message = columns.message()
        let bytes = message.encoded()
        // Six columns: two of 8 + 4 bytes would not fit otherwise; nothing per row but the rows.
        #expect(bytes.count < count * (5 * 8 + 4) + 100)
        let back = try PBEvents(decoding: bytes)
        #expect(back == message)
        #expect(back.ticks?.price == (1...count).map(Int64.init))
    }

    @Test func columnsInPiecesAreOneColumn() throws {
        var first = EventColumns()
        var second = EventColumns()
        first.append(tick(price: 1), instrument: 0, at: EventPosition(1), entryTime: .zero)
        second.append(tick(price: 2), instrument: 0, at: EventPosition(2), entryTime: .zero)
        let bytes = first.message().encoded() + second.message().encoded()
        let merged = try PBEvents(decoding: bytes)
        #expect(merged.ticks?.price == [1, 2])
        #expect(merged.ticks?.offset == [1, 2])
    }

    @Test(arguments: seeds(1..<21))
    func isWrittenByteForByteAsAHostMessage(seed: UInt64) throws {
        var random = SeededRandom(seed)
        var columns = EventColumns(after: EventPosition(7))
        var writer = WireWriter(capacity: 1)
        for rounds in 0..<3 {  // emptied and used again, columns and writer
            columns.reset(after: EventPosition(7))
            writer.reset()
            columns.append(
                random.rows(count: rounds == 0 ? Int(seed) - 1 : 300, after: columns.previous))
            columns.writeHostMessage(to: &writer)
            let message = PBHostMessage(message: .events(columns.message()))
            #expect(writer.bytes == message.encoded())
            #expect(try PBHostMessage(decoding: writer.bytes) == message)
        }
    }

    // MARK: Columns that may be empty

    @Test func sidesStayAwayWhileUnknown() {
        var columns = EventColumns()
        columns.append(tick(price: 1), instrument: 0, at: EventPosition(1), entryTime: .zero)
        #expect(columns.message().ticks?.side == [])
        columns.append(
            tick(price: 1, .seller), instrument: 0, at: EventPosition(2), entryTime: .zero)
        columns.append(tick(price: 1), instrument: 0, at: EventPosition(3), entryTime: .zero)
        #expect(columns.message().ticks?.side == [0, 2, 0])
        columns.reset(after: EventPosition(3))
        columns.append(tick(price: 1), instrument: 0, at: EventPosition(4), entryTime: .zero)
        #expect(columns.message().ticks?.side == [])
    }

    @Test func volumesBeyond63BitsHaveAnUpperHalf() throws {
        let volumes: [Int128] = [5, Int128(Int64.max), Int128(Int64.max) + 1, .max, -1, 6]
        var columns = EventColumns()
        for (index, volume) in volumes.enumerated() {
            if index == 2 { #expect(columns.message().candles?.volumeHigh == []) }
            columns.append(
                candle(volume: volume), instrument: 0, at: EventPosition(UInt64(index + 1)),
                entryTime: .zero)
        }
        let message = columns.message()
        #expect(message.candles?.volumeHigh == [0, 0, 0, .max, -1, 0])
        let back = try message.rows().map { row -> Int128? in
            guard case .candle(let candle) = row.kind else { return nil }
            return candle.volume.units
        }
        #expect(back == volumes)
    }

    @Test func kindsWithoutEventsAreAbsent() {
        var columns = EventColumns()
        #expect(columns.isEmpty && columns.message() == PBEvents())
        columns.appendLeaving(4, at: EventPosition(1))
        let message = columns.message()
        #expect(message.ticks == nil && message.quotes == nil && message.candles == nil)
        #expect(message.accountUpdates == nil && message.timers == nil)
        #expect(message.instrumentChanges?.instruments == [PBInstrument(number: 4)])
        columns.reset(after: EventPosition(1))
        #expect(columns.message() == PBEvents(previous: 1))
    }

    @Test func moneyIsCutAndSaturated() throws {
        var row = accountRow()
        row.fee = Money(units: -199_999_999)
        row.cash = Money(units: .max)
        var columns = EventColumns()
        columns.append(row, at: EventPosition(1))
        let updates = try #require(columns.message().accountUpdates)
        #expect(updates.fee == [-1] && updates.cash == [.max])
    }

    // MARK: Columns that make no events

    @Test(arguments: [
        PBEvents(count: 1, ticks: PBTicks(offset: [1])),
        PBEvents(count: 0, timers: PBTimers(offset: [1], time: [1], interval: [1_000_000_000])),
        PBEvents(count: 1, timers: PBTimers(offset: [1], time: [1], interval: [1])),
        PBEvents(count: 1, timers: PBTimers(offset: [0], time: [1], interval: [1_000_000_000])),
        PBEvents(
            count: 2,
            timers: PBTimers(
                offset: [2, 2], time: [1, 1], interval: [1_000_000_000, 1_000_000_000])),
        PBEvents(
            count: 2, timers: PBTimers(offset: [1], time: [1], interval: [1_000_000_000]),
            instrumentChanges: PBInstrumentChanges(
                offset: [1], added: [false], instruments: [PBInstrument()])),
        PBEvents(
            previous: .max, count: 1,
            timers: PBTimers(offset: [1], time: [1], interval: [1_000_000_000])),
        PBEvents(
            count: 1,
            ticks: PBTicks(
                offset: [1], feedTime: [0], entryTime: [0], instrument: [0], price: [1],
                quantity: [1], side: [3])),
    ])
    func brokenColumnsAreRefused(_ events: PBEvents) {
        #expect(throws: EventColumnsError.self) { try events.rows() }
    }
}

private func tick(price: Int64, _ aggressor: Aggressor = .unknown) -> Tick {
    Tick(
        instrument: InstrumentID(0), feedTime: .zero, price: Price(units: price),
        quantity: Quantity(units: 1), aggressor: aggressor)
}

private func candle(volume: Int128) -> Candle {
    Candle(
        instrument: InstrumentID(0), interval: minute, openTime: .zero, open: .zero, high: .zero,
        low: .zero, close: .zero, volume: Volume(units: volume))
}

private func accountRow() -> AccountRow {
    AccountRow(
        time: .zero, instrument: 0, side: .buy, price: .zero, quantity: .zero, fee: .zero,
        held: .zero, averagePrice: .zero, cash: .zero)
}
