import Brokers
import PaperExchange
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@Suite struct PaperContractTests {
    @Test(arguments: BrokerContract.Scenario.allCases)
    func keepsTheContract(_ scenario: BrokerContract.Scenario) async throws {
        let contract = BrokerContract { PaperBench($0).bench() }
        #expect(try await contract.violations(in: scenario) == [])
    }

    @Test(arguments: [BrokerCapabilities.Changes.none, .makeNumber])
    func keepsItWhateverBecomesOfNumbers(_ changes: BrokerCapabilities.Changes) async throws {
        let contract = BrokerContract { PaperBench($0, changes: changes).bench() }
        for scenario in [.changing, .failingChanges, .lagging] as [BrokerContract.Scenario] {
            #expect(try await contract.violations(in: scenario) == [])
        }
    }

    @Test(arguments: seeds(1..<20))
    func keepsItOnRandomDays(_ seed: UInt64) async throws {
        let contract = BrokerContract(seed: seed) {
            PaperBench($0, seed: seed).bench()
        }
        #expect(try await contract.violations(in: .randomDay) == [])
    }
}

@Suite(.timeLimit(.minutes(1))) struct PaperBrokerTests {
    static func buy(_ number: UInt64, _ shares: Int64 = 1, at won: Int64? = nil) -> Placement {
        let order = Order(
            number: OrderNumber(number), account: AccountID(0), instrument: InstrumentID(0),
            side: .buy, quantity: .shares(shares), limit: won.map { .won($0) })
        return Placement(
            order, as: ClientOrderID(high: 1, low: number),
            permit: SendPermit(opens: true, kills: []))
    }
    static func tick(_ time: Int64) -> MarketInput { .tick(.at(time, 70_000)) }

    /// The same calls for the same seed: the same news, to the fill.
    @Test func theSeedDecidesTheDay() async throws {
        func day(_ seed: UInt64) async throws -> [NumberedNews] {
            let paper = PaperBench(partialFills: true, seed: seed).paper
            await paper.observe(Self.tick(1))
            for number in 1...20 as ClosedRange<UInt64> {
                _ = try await paper.place(Self.buy(number, 100))
                await paper.observe(Self.tick(Int64(number) + 1))
            }
            return await paper.news(after: 0, limit: .max, wait: false)
        }
        let first = try await day(1)
        #expect(first.count > 40)
        #expect(try await day(1) == first)
        #expect(try await day(2) != first)
    }

    @Test func aSnapshotGoesOnWhereItWasTaken() async throws {
        let bench = PaperBench(partialFills: true, seed: 5)
        await bench.paper.observe(Self.tick(1))
        for number in 1...6 as ClosedRange<UInt64> {
            _ = try await bench.paper.place(Self.buy(number, 50))
        }
        await bench.paper.observe(Self.tick(2))
        let again = PaperBroker(await bench.paper.snapshot, clock: bench.clock)
        let heard = await bench.paper.news(after: 0, limit: .max, wait: false).count
        for time in 3...12 as ClosedRange<Int64> {
            await bench.paper.observe(Self.tick(time))
            await again.observe(Self.tick(time))
        }
        let rest = await bench.paper.news(after: UInt64(heard), limit: .max, wait: false)
        #expect(rest.count > 3)
        #expect(
            await again.news(after: 0, limit: .max, wait: false).map(\.news) == rest.map(\.news))
        #expect(try await again.balances() == bench.paper.balances())
        // What was placed before is known: no second order, and it can be adopted.
        #expect(try await again.place(Self.buy(6, 50)) == BrokerOrderID("paper-6"))
        try await again.adopt(
            Self.buy(6, 50).order, as: Self.buy(6).client, at: BrokerOrderID("paper-6"))
    }

    /// A whole buffer behind: the market waits for the listener, and not one report is lost.
    @Test func theMarketWaitsForASlowListener() async throws {
        let paper = PaperBench(newsCapacity: 4).paper
        await paper.observe(Self.tick(0))
        for number in 1...8 as ClosedRange<UInt64> {
            _ = try await paper.place(Self.buy(number))
        }
        let feeder = Task { await paper.observe(Self.tick(1)) }
        while await !paper.marketWaits { await Task.yield() }
        var heard: [NumberedNews] = []
        while heard.count < 16 {
            let news = await paper.news(after: heard.last?.number ?? 0, limit: 1, wait: true)
            if heard.count < 4 { #expect(try await paper.fills(since: .zero).isEmpty) }
            heard += news
        }
        #expect(await feeder.value)
        #expect(heard.map(\.number) == Array(1...16))
        #expect(try await paper.fills(since: .zero).count == 8)
    }

    @Test func aWaitingMarketIsLetGo() async throws {
        for isClosed in [true, false] {
            let paper = PaperBench(newsCapacity: 1).paper
            await paper.observe(Self.tick(0))
            _ = try await paper.place(Self.buy(1))
            let feeder = Task { await paper.observe(Self.tick(1)) }
            while await !paper.marketWaits { await Task.yield() }
            if isClosed { await paper.close() } else { feeder.cancel() }
            #expect(await feeder.value == false)
            #expect(try await paper.fills(since: .zero).isEmpty)
            // What had been said can still be heard.
            #expect(await paper.news(after: 0, limit: 9, wait: true).count == 1)
        }
    }

    @Test func aWaitingListenerIsWoken() async throws {
        let paper = PaperBench().paper
        let listener = Task { await paper.news(after: 0, limit: 1, wait: true) }
        await paper.observe(Self.tick(0))
        let broker = try await paper.place(Self.buy(1))
        #expect(
            await listener.value
                == [NumberedNews(number: 1, news: .report(.accepted(OrderNumber(1), broker)))])
    }

    /// A repeat of what was sent is answered, kill or not: it is out there, and the caller must know.
    @Test func aRepeatIsAnsweredAfterAKillAndAfterTheClose() async throws {
        let paper = PaperBench().paper
        await paper.observe(Self.tick(0))
        let kills = KillCounter()
        let order = Self.buy(1).order
        let placement = Placement(
            order, as: Self.buy(1).client,
            permit: SendPermit(opens: true, kills: [kills.reading()]))
        let broker = try await paper.place(placement)
        kills.raise()
        #expect(try await paper.place(placement) == broker)
        await paper.close()
        #expect(try await paper.place(placement) == broker)
        #expect(try await paper.openOrders().count == 1)
    }

    @Test func fillsAreThoseSinceThen() async throws {
        let paper = PaperBench().paper
        await paper.observe(Self.tick(0))
        for number in 1...3 as ClosedRange<UInt64> {
            _ = try await paper.place(Self.buy(number))
            await paper.observe(Self.tick(Int64(number) * 10))
        }
        #expect(try await paper.fills(since: .seconds(20)).map(\.order.value) == [2, 3])
        #expect(try await paper.fills(since: .seconds(31)).isEmpty)
        #expect(try await paper.heartbeat().brokerTime == .seconds(30))
    }
}
