import Brokers
import Ports
import TestKit
import Testing

/// Where a mistake shows first, as which rule, in which words.
struct Finding: Sendable {
    let scenario: BrokerContract.Scenario
    let rule: BrokerViolation.Rule
    let words: String
    init(
        _ scenario: BrokerContract.Scenario, _ rule: BrokerViolation.Rule, _ words: String
    ) {
        self.scenario = scenario
        self.rule = rule
        self.words = words
    }
}

extension Mistake {
    var finding: Finding {
        switch self {
        case .losesAFill: Finding(.life, .fillsAddUp, "is not reported filled")
        case .doublesAFill: Finding(.life, .fillsAddUp, "comes twice")
        case .halvesAFill: Finding(.cancelling, .fillsAddUp, "is not reported filled")
        case .fillsBeyondTheLimit: Finding(.adoption, .fillsAddUp, "fills at 69600, limit 69500")
        case .swallowsARefusal: Finding(.badOrders, .refusesBadOrders, "a quantity of 0 units")
        case .reportsARefusal: Finding(.badOrders, .answersPlacing, "which was not taken")
        case .forgetsClientIDs:
            Finding(
                .clientIDs, .oneOrderForAClientID, "again, while it is open, made paper-1000001")
        case .forgetsThemOnceClosed:
            Finding(
                .clientIDs, .oneOrderForAClientID, "again, once it is filled, made paper-1000001")
        case .ignoresWhatTheIDNames:
            Finding(.clientIDs, .oneOrderForAClientID, "another order was taken under a used id")
        case .wrongQuantityInOpenOrders: Finding(.partialFills, .openOrdersAgree, "BrokerOrder")
        case .listsEndedOrders: Finding(.life, .openOrdersAgree, "open are [paper-2, paper-1]")
        case .cancelLies: Finding(.cancelling, .cancelEnds, "is not reported so")
        case .cancelsTheNeighbour: Finding(.cancelling, .cancelEnds, "is not reported so")
        case .cancelAlwaysSaysYes:
            Finding(.cancelling, .cancelIsHonest, "the second cancel of one order says yes")
        case .changesByDifference:
            Finding(.changing, .changesAsAsked, "is not what was asked for")
        case .forgetsTheNewNumber:
            Finding(.changing, .knowsItsOrders, "is said not to exist")
        case .changeLies:
            Finding(.changing, .changeIsHonest, "leaves nothing, says yes")
        case .endsBeforeItBegins:
            Finding(.slowListener, .reportsInOrder, "fills before it is accepted")
        case .losesAcceptances: Finding(.life, .answersPlacing, "never reported accepted")
        case .cashWithoutFees: Finding(.life, .cashAgrees, "by the reports")
        case .freesNoCashThatIsHeld: Finding(.life, .cashAgrees, "is free with 0 open buys")
        case .addsAShare: Finding(.life, .positionsAgree, "by the reports")
        case .dropsNewsOfTheSlow: Finding(.slowListener, .losesNoNews, "orders was lost")
        case .givesNewsOnce: Finding(.slowListener, .losesNoNews, "not freed change or go")
        case .restartsItsNumbers: Finding(.slowListener, .losesNoNews, "news 1 follows 8")
        case .unknownMeansRejected:
            Finding(.failures, .tellsFailuresApart, "loseReply says rejected")
        case .unknownMeansPlaced:
            Finding(.failures, .tellsFailuresApart, "loseReply passes for success")
        case .rateLimitMeansUnknown:
            Finding(.failures, .tellsFailuresApart, "rateLimit says no clear answer")
        case .findsNothing: Finding(.life, .knowsItsOrders, "is said not to exist")
        case .findsAnything: Finding(.unknownOrders, .knowsItsOrders, "an order that never was")
        case .repeatsFillsInHistory: Finding(.life, .fillsAgree, " for ")
        case .taxesBeyondTheFee: Finding(.life, .fillsAddUp, "a tax of ")
        case .forgetsTaxesInHistory: Finding(.life, .fillsAgree, " for ")
        case .ignoresThePermit:
            Finding(.withdrawal, .withdrawsBeforeTheWrite, "approved before a kill was sent")
        case .ignoresTheValidity:
            Finding(.withdrawal, .withdrawsBeforeTheWrite, "past its validity was sent")
        case .holdsUpSalesToo: Finding(.withdrawal, .withdrawsBeforeTheWrite, "holds up a sale")
        case .roundsPrices: Finding(.badOrders, .refusesBadOrders, "off the steps was taken")
        case .roundsLots: Finding(.badOrders, .refusesBadOrders, "off the lot was taken")
        case .takesForeignAccounts:
            Finding(.badOrders, .refusesBadOrders, "somebody else's account was taken")
        case .lendsMoney: Finding(.funds, .refusesBeyondFunds, "a buy beyond the cash was taken")
        case .heartbeatFails: Finding(.heartbeat, .heartbeats, "the session has ended")
        case .sendsOnceClosed: Finding(.closing, .closes, "a closed broker takes orders")
        case .talksAfterTheClose: Finding(.closing, .closes, "hears something after the close")
        case .adoptsAnything: Finding(.adoption, .adopts, "adopted under a used id")
        case .expiredMeansCancelled:
            Finding(.unfilledEnd, .endsUnfilled, "open at the close, is cancelled")
        case .losesExpiries: Finding(.unfilledEnd, .endsUnfilled, "open at the close, is working")
        case .cancelInDoubtMeansDone:
            Finding(
                .failingCancels, .tellsFailuresApart, "loseReply of a cancel passes for success")
        case .cancelInDoubtMeansNothing:
            Finding(
                .failingCancels, .tellsFailuresApart,
                "loseReply of a cancel says nothing to cancel")
        case .changeInDoubtMeansRefused:
            Finding(.failingChanges, .tellsFailuresApart, "loseReply of a change says rejected")
        case .sendsAgainInDoubt:
            Finding(.failures, .answersPlacing, "a report of order 1000001, which was not taken")
        case .nothingWhereNobodyAnswers:
            Finding(
                .failingQuestions, .tellsFailuresApart,
                "loseReply of openOrders passes for an answer")
        case .believesACopy:
            Finding(
                .lagging, .oneOrderForAClientID,
                "an id again, while a copy of before is asked, made")
        case .losesBeyondTheLimit:
            Finding(.rateStress, .keepsTheRate, "of the 30 that were asked for")
        case .doublesBeyondTheLimit:
            Finding(.rateStress, .keepsTheRate, "orders are open, 30 of the 30")
        case .questionsGoFirst:
            Finding(.ownRate, .keepsTheRate, "questions an exit says too many calls")
        case .heartbeatHidesAnOutage:
            Finding(.heartbeat, .heartbeats, "loseReply passes for an answer")
        case .heartbeatRemembersAFailure:
            Finding(.heartbeat, .heartbeats, "behind loseReply: offline")
        case .heartbeatOfTheWrongClock: Finding(.heartbeat, .heartbeats, "clock goes back")
        }
    }
}

/// The contract is worth what it finds: each mistake is found, and for what it is.
@Suite struct WrongBrokerTests {
    static func contract(_ mistake: Mistake?) -> BrokerContract {
        BrokerContract { wish in
            let paper = PaperBench(wish, checksFunds: mistake != .lendsMoney)
            let wrong = WrongBroker(mistake, before: paper.limited)
            return paper.bench(wrong, wrong.faulty)
        }
    }

    @Test(arguments: Mistake.allCases)
    func isFoundForWhatItIs(_ mistake: Mistake) async throws {
        let finding = mistake.finding
        let violations = try await Self.contract(mistake).violations(in: finding.scenario)
        let first = try #require(violations.first, "\(mistake) passes for right")
        #expect(first.rule == finding.rule)
        #expect(first.what.contains(finding.words))
    }

    /// The wrapper itself is innocent: without a mistake in it nothing is found.
    @Test(arguments: BrokerContract.Scenario.allCases)
    func aRightOneInTheSameClothesPasses(_ scenario: BrokerContract.Scenario) async throws {
        #expect(try await Self.contract(nil).violations(in: scenario) == [])
    }

    /// No rule stands there that nothing can break.
    @Test func everyRuleIsBrokenBySomebody() {
        #expect(Set(Mistake.allCases.map(\.finding.rule)) == Set(BrokerViolation.Rule.allCases))
    }
}
