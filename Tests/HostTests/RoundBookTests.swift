import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// Rounds in the tables against the facts of the log they came from.
@Suite struct RoundBookTests {
    /// Every closed round stands in the tables, with the votes that the facts say, whatever the policy.
    @Test(arguments: ArbiterPlan.Policy.allCases, seeds(0..<6, by: 10))
    func roundsAreThoseOfTheFacts(_ policy: ArbiterPlan.Policy, _ seed: UInt64) throws {
        let scenario = Scenario.random(seed, policy: policy)
        let start = Scenario.Start()
        _ = try scenario.run(start)
        let rounds = try start.projections.rounds()
        let expected = NaiveRounds(try facts(start.log), scenario.plan)
        #expect(rounds.map(\.number) == rounds.indices.map { Int64($0) + 1 })
        #expect(rounds.map(\.detail) == expected.rounds.map(\.detail))
        #expect(rounds.map(\.side) == expected.rounds.map(\.side))
        #expect(rounds.map(\.order) == expected.rounds.map(\.order))
        #expect(rounds.map(\.approved) == expected.rounds.map(\.approved))
        #expect(rounds.map { $0.votes.map(\.status) } == expected.rounds.map(\.statuses))
        for (row, round) in zip(rounds, expected.rounds) {
            #expect(row.votes.map { [$0.position.value, UInt64($0.index)] } == round.votes)
            #expect(Set(row.silent).isDisjoint(with: row.votes.map(\.source)))
            #expect(row.opened.step <= row.closed.step)
        }
    }

    /// Each order names its round, and the round names it; each vote names a signal, each signal an event.
    @Test(arguments: seeds(0..<6, by: 10)) func everyLinkLeadsSomewhere(_ seed: UInt64) throws {
        let scenario = Scenario.random(seed)
        let start = Scenario.Start()
        _ = try scenario.run(start)
        let rounds = try start.projections.rounds()
        let orders = try start.projections.orders()
        let signals = Set(try start.projections.signals().map(\.key))
        let events = Set(try start.projections.events().map(\.position))
        #expect(!orders.isEmpty)
        for order in orders {
            let round = try #require(rounds.first { $0.number == order.round })
            #expect(round.order == order.number && round.leader == order.source)
            #expect(round.account == order.account && round.symbol == order.symbol)
            #expect(round.approved == true && !order.sizing.isEmpty && order.reference.units > 0)
        }
        for round in rounds {
            for vote in round.votes {
                let key =
                    "\(vote.position.value)/\(vote.source)/\(round.account)/\(round.symbol)/\(vote.index)"
                #expect(signals.contains(key))
                #expect(events.contains(vote.position))
            }
            #expect(events.contains(round.opened))
        }
    }

    @Test func recentEventsAreFoundUntilTheRingTurns() {
        var recent = RecentEvents(capacity: 8)
        #expect(recent.event(at: .start) == nil)
        func event(_ step: UInt64) -> MarketEvent {
            MarketEvent(
                position: EventPosition(step: step, index: 0),
                kind: .timer(at: .zero, interval: .minute))
        }
        for step in 1...50 as ClosedRange<UInt64> {
            recent.note(event(step * 2))
            for asked in 0...110 as ClosedRange<UInt64> {
                let isThere = asked % 2 == 0 && asked / 2 > max(step, 8) - 8 && asked / 2 <= step
                let found = recent.event(at: EventPosition(step: asked, index: 0))
                #expect(found == (isThere ? event(asked) : nil))
            }
        }
    }
}

/// Rounds by a plain walk over the facts: each vote stands until it is ended.
private struct NaiveRounds {
    struct Round {
        var detail: String
        var side: Side?
        var votes: [[UInt64]]
        var statuses: [String]
        var keys: [VoteKey]
        var desk: DeskKey
        var approved: Bool?
        var order: OrderNumber?
    }
    var rounds: [Round] = []

    init(_ facts: [Fact], _ plan: KernelPlan) {
        var standing: [VoteKey] = []
        var isFresh = false
        for fact in facts {
            switch fact {
            case .signal(let signal, .pending):
                standing.append(signal.key)
                isFresh = false
            case .voteEnded(let key, let status, _):
                standing.removeAll { $0 == key }
                // What ends a round's votes follows it at once: nothing else lies between.
                guard isFresh, let last = rounds.indices.last, rounds[last].desk == key.desk,
                    status != .replaced, status != .expired,
                    let vote = rounds[last].keys.firstIndex(of: key)
                else { continue }
                rounds[last].statuses[vote] = status.name
            case .roundClosed(let desk, let outcome):
                let keys = standing.filter { $0.desk == desk }.sorted { $0.source < $1.source }
                rounds.append(
                    Round(
                        detail: outcome.detail.text, side: outcome.side,
                        votes: keys.map { [$0.position.value, UInt64($0.index)] },
                        statuses: keys.map { _ in "stands" }, keys: keys, desk: desk))
                isFresh = true
            case .risk(let decision): rounds[rounds.count - 1].approved = decision.approved
            case .ordered(let decision): rounds[rounds.count - 1].order = decision.order.number
            default: break
            }
        }
    }
}
