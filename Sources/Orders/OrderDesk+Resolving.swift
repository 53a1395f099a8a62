import Ports
package import TradingModel

/// What a person says of an order in doubt.
extension OrderDesk {
    mutating func resolve(_ number: OrderNumber, _ resolution: Resolution) {
        guard let index = index(of: number), entries[index].stage == .inDoubt else { return }
        let former = entries[index].claim
        takeBackClaim(index)
        switch resolution {
        case .notAccepted:
            tellKnown(index, "a person says that it was not accepted")
            end(index, .failed, "a person says that it was not accepted")
        case .accepted(let broker):
            // What has filled stands in the books of one of the two: they have changed places, and it is what the
            // other was that is not known yet.
            if let other = holder(of: broker), other != number {
                return note(
                    .drift, severity: .critical, of: entries[index],
                    "\(broker) is order \(other) already: say of order \(number) what order \(other) is at the"
                        + " broker, or that it was not accepted")
            }
            entries[index].claim = broker
            entries[index].question.drop()
            entries[index].question.want(at: now)
            forgetNones(index)
            let instead = former.map { $0 == broker ? "" : " instead of \($0)" } ?? ""
            note(
                .orderDelayed, severity: .info, of: entries[index],
                "\(Self.claimHead)\(number) is \(broker)\(instead): the broker is asked for that")
        }
    }

    /// What a claim is told by, until the broker has answered.
    package static let claimHead = "a person says that order "

    /// The broker's number that a person has named, while the broker is asked for it.
    package func claim(of number: OrderNumber) -> BrokerOrderID? {
        index(of: number).flatMap { entries[$0].claim }
    }

    /// What was said before, with what the broker has said and may yet say of that number.
    private mutating func takeBackClaim(_ index: Int) {
        guard entries[index].claim != nil else { return }
        entries[index].claim = nil
        entries[index].question.drop()
        forgetNones(index)
        if entries[index].doubt?.needsPerson != true { entries[index].question.want(at: now) }
    }

    /// It was known by another way before the broker was asked for the number that a person names: that counts.
    mutating func dropClaimIfKnown(_ index: Int) {
        guard entries[index].claim != nil, entries[index].stage != .inDoubt else { return }
        entries[index].claim = nil
        entries[index].question.drop()
        if entries[index].stage == .working { entries[index].question.want(at: now) }
    }

    /// A number may be mistyped, and fills of a stranger's order would be booked as this one's.
    mutating func claimAnswered(_ index: Int, _ claim: BrokerOrderID, _ answer: DeskAnswer) {
        switch answer {
        case .order(.found(let found)):
            entries[index].question.succeeded()
            entries[index].asksAlone = false
            if let why = objection(to: found, index) { return refuse(claim, index, why) }
            tellKnown(
                index,
                "\(found.brokerID), as a person says: \(found.state), \(found.filled) filled")
            believe(found.brokerID, index)
        case .order(.none):
            entries[index].question.succeeded()
            // Its copy may lag: "none" counts as it does of any order in doubt.
            if let what = heardNothing(index) { refuse(claim, index, what) }
        case .order(.cannotTell):
            entries[index].question.succeeded()
            if let other = holder(of: claim), other != entries[index].number {
                return refuse(claim, index, "that is order \(other)")
            }
            note(
                .orderDelayed, severity: .warning, of: entries[index],
                "\(capabilities.name) cannot be asked for \(claim): order \(entries[index].number) is taken for it"
                    + " because a person says so")
            entries[index].doubt?.isToldKnown = true
            believe(claim, index)
        case .noTurn: entries[index].question.waitsOn(at: now)
        case .failed(let error):
            if error.code == .unauthorized { noteUnauthorized(error) }
            if case .later(let atLeast) = error.retry {
                askLater(index, atLeast: atLeast)
            } else {
                askLater(index, atLeast: .zero)
            }
        default: askLater(index, atLeast: .zero)
        }
    }

    private mutating func believe(_ broker: BrokerOrderID, _ index: Int) {
        entries[index].claim = nil
        entries[index].broker = nil
        accepted(index, broker)
        if entries[index].stage == .working { wantAdoption(index) }
    }

    /// In doubt as it was: who named it has to look again.
    private mutating func refuse(_ claim: BrokerOrderID, _ index: Int, _ why: String) {
        let number = entries[index].number
        entries[index].claim = nil
        forgetNones(index)
        if entries[index].doubt?.needsPerson != true { entries[index].question.want(at: now) }
        note(
            .orderDelayed, severity: .critical, of: entries[index],
            "order \(number) stays in doubt, for it is not \(claim): \(why); look again: madang order resolve"
                + " \(number)")
    }

    mutating func forgetNones(_ index: Int) {
        entries[index].doubt?.nones = 0
        entries[index].doubt?.firstNone = nil
    }

    /// Why the broker's order cannot be this one; `nil`: it fits.
    private func objection(to found: BrokerOrder, _ index: Int) -> String? {
        let (entry, order) = (entries[index], entries[index].order)
        if let other = holder(of: found.brokerID), other != entry.number {
            return "that is order \(other)"
        }
        let client = entry.approved.client
        if let other = found.clientID, other != client {
            return "that has the client order id \(other), and this one \(client)"
        }
        if found.clientID == nil, capabilities.clientOrderIDs == .always {
            return "that has no client order id of ours, and this one \(client)"
        }
        // Numbers come again each day; clocks differ by less.
        if found.clientID != client, let placed = found.placedAt,
            placed < beginning(of: entry).advanced(by: .seconds(-3_600))
        {
            return "that was placed at \(placed), and this one was sent at \(entry.sentAt)"
        }
        let quantities = [order.quantity, entry.change?.to.quantity ?? order.quantity]
        guard found.instrument == order.instrument, found.side == order.side,
            quantities.contains(found.quantity)
        else {
            let same = found.instrument == order.instrument
            return
                "that is a \(found.side) of \(found.quantity) of '\(found.symbol)', and this one a"
                + " \(order.side) of \(order.quantity) of \(same ? "it" : "another instrument")"
        }
        return nil
    }
}
