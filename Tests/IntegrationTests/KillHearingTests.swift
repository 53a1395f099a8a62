import Foundation
import Host
import Platform
import Ports
import Testing

@testable import Madang

/// What of a folder's orders a run hears, when they come in an order that nobody meant.
@Suite struct KillHearingTests {
    private func order(
        _ number: Int, on: Bool = false, ofAll: Int? = nil, strategies: [String] = []
    ) -> KillOrder {
        var order = KillOrder(number: number, on: on, reason: "order \(number)")
        order.numberOfAll = ofAll ?? number
        for name in strategies { order.strategies[name] = KillOrder.Part(reason: "odd") }
        return order
    }

    private struct NothingNew: Error {}
    private func heard(
        _ hearing: inout KillHearing, _ order: KillOrder
    ) throws -> (order: KillOrder, isBehind: Bool) {
        guard let news = hearing.take(order) else { throw NothingNew() }
        return news
    }

    // MARK: From inside

    /// `kill --strategy x` was written just before the signal: it says of all that nothing is on, and must not take back what
    /// Where the folder has nothing any more, what a start before this heard stays beside what is thrown.
    @Test func whatWasHeardBeforeStaysBesideIt() {
        var before = KillOrder(number: 4, on: true, reason: "by hand")
        before.flattens = true
        before.accounts = ["one": KillOrder.Part(reason: "his")]
        var hearing = KillHearing()
        let thrown = hearing.throwSwitch("by signal", behind: before)
        #expect(thrown.on && thrown.flattens && thrown.reason == "by signal")
        #expect(thrown.accounts == before.accounts)
        #expect(hearing.last == thrown)
    }

    /// was thrown.
    @Test func whatWasWrittenBeforeTakesNothingBack() throws {
        var hearing = KillHearing()
        _ = hearing.take(order(3))
        let thrown = hearing.throwSwitch("by signal")
        #expect(thrown.on)
        let part = try heard(&hearing, order(4, ofAll: 3, strategies: ["x"]))
        #expect(part.order.on && part.order.reason == "by signal")
        #expect(part.order.strategies["x"] != nil)
        let off = try heard(&hearing, order(5))
        #expect(off.order.on, "as long as it has no number nobody knows what came first")
        hearing.kept(as: 6)
        #expect(try heard(&hearing, order(6, on: true, strategies: ["x"])).order.on == true)
        let later = try heard(&hearing, order(7, ofAll: 6, strategies: ["x", "y"]))
        #expect(later.order.on, "it speaks of a part")
        #expect(try heard(&hearing, order(8)).order.on == false)
        #expect(try heard(&hearing, order(9)).order.on == false)
    }

    @Test func whereTheFolderTakesNothingTheNextOrderForAllLetsGo() throws {
        var hearing = KillHearing()
        _ = hearing.take(order(3))
        _ = hearing.throwSwitch("by signal")
        hearing.notKept(behind: order(5))
        #expect(try heard(&hearing, order(5)).order.on == true, "it was there before")
        #expect(try heard(&hearing, order(6)).order.on == false)
    }

    @Test func thrownTwiceItWaitsForBoth() throws {
        var hearing = KillHearing()
        _ = hearing.throwSwitch("first")
        _ = hearing.throwSwitch("second")
        hearing.kept(as: 1)
        #expect(try heard(&hearing, order(2)).order.on == true)
        hearing.kept(as: 3)
        #expect(try heard(&hearing, order(4)).order.on == false)
    }

    // MARK: A folder that was put back

    @Test(arguments: [1, 7]) func aLowerNumberStopsMoreAndLetsNothingGo(_ number: Int) throws {
        var hearing = KillHearing()
        _ = hearing.take(order(7, strategies: ["x"]))
        let stop = order(number, on: true, strategies: ["y"])
        let news = try heard(&hearing, stop)
        #expect(news.isBehind && news.order.on && news.order.number == 7)
        #expect(news.order.strategies.keys.sorted() == ["x", "y"])
        #expect(news.order.reason == stop.reason)
        let again = hearing.take(stop)
        #expect(again?.order == nil, "it is looked at with every change of the folder")
        let off = try heard(&hearing, order(2))
        #expect(off.order.on && off.order.strategies.count == 2)
        // What the host answers brings the folder's numbers where they were.
        #expect(try heard(&hearing, order(8)).order.isAnyOn == false)
    }

    /// A file of long ago sells nothing and holds no exit.
    @Test func aLowerNumberSellsNothing() throws {
        var hearing = KillHearing()
        _ = hearing.take(order(7))
        var old = order(3, on: true)
        (old.flattens, old.holdsExits) = (true, true)
        old.accounts["demo"] = KillOrder.Part(reason: "out", flattens: true)
        let news = try heard(&hearing, old).order
        #expect(news.on && !news.flattens && !news.holdsExits)
        #expect(news.accounts["demo"]?.flattens == false)
    }

    @Test func theLastNumberIsFollowedByTheFirst() throws {
        var hearing = KillHearing()
        _ = hearing.take(order(.max, on: true))
        #expect(try heard(&hearing, order(1)).order.on == false)
    }

    // MARK: Answers

    private func wish(_ words: String...) throws -> KillWish {
        try KillWish(CommandLineShape.root.parse(["kill"] + words))
    }

    /// The command says what is, not what it wanted.
    @Test func theAnswerCountsAndNotTheWish() throws {
        var did = KillAnswer()
        let off = order(4)
        did.stopsAll = true
        let answer = KillSwitch.Answer(order: off, did: did, process: 1)
        #expect(try wish("--off").isOn(answer))
        did.stopsAll = false
        #expect(try !wish("--off").isOn(KillSwitch.Answer(order: off, did: did, process: 1)))
        #expect(try !wish("--off", "--strategy", "x").isOn(answer))
        var flattening = order(5, on: true)
        #expect(try !wish("--flatten", "--yes").stands(in: flattening))
        #expect(try !wish().sells(in: flattening))
        flattening.flattens = true
        #expect(try wish("--flatten", "--yes").stands(in: flattening))
        #expect(try wish().sells(in: flattening))
        #expect(try !wish("--hold-exits").stands(in: flattening))
    }
}
