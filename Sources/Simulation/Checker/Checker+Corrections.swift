import Kernel
import TradingModel

/// Corrections: of what is at rest, with both sides' numbers, and the books follow them and nothing else (R8.7).
extension Checker {
    mutating func dealt(_ broker: Int, _ instrument: InstrumentID?, _ quantity: Quantity) {
        guard let instrument else { return }
        let index = Int(instrument.index)
        held[broker][index] += quantity.units
        if held[broker][index] < 0 {
            violate(.holdings, "a stranger sells \(symbol(instrument)) that is not there")
        }
    }

    mutating func corrected(_ correction: Correction, _ record: UInt64) {
        let order = correction.order
        corrections.append((correction, record))
        switch order.difference {
        case .holding(let instrument, let books, let stated):
            checkRest(of: instrument)
            starts.corrected(instrument, order.broker)
            let index = Int(instrument.index)
            if correction.positionBefore.units != position[index] {
                violate(
                    .position,
                    "\(symbol(instrument)) is corrected from \(correction.positionBefore), and the"
                        + " books hold \(Quantity(units: position[index]))")
            }
            let change = stated.units - books.units
            if correction.positionAfter.units - correction.positionBefore.units != change {
                violate(
                    .position,
                    "\(symbol(instrument)) is corrected to \(correction.positionAfter) by \(books)"
                        + " in the books and \(stated) at the broker")
            }
            position[index] += change
            exits[index].add(.corrected(by: change), record)
        case .cash(let books, let stated):
            checkRest(of: nil)
            if correction.cashBefore.units != cash || books.units != cash {
                violate(
                    .money,
                    "cash is corrected from \(correction.cashBefore), the books have"
                        + " \(Money(units: cash))")
            }
            if correction.cashAfter != stated {
                violate(.money, "cash is corrected to \(correction.cashAfter), not to \(stated)")
            }
            cash = stated.units
        }
    }

    /// - Parameter instrument: `nil`: of the account.
    private mutating func checkRest(of instrument: InstrumentID?) {
        let open = intents.filter { _, intent in
            intent.open > 0 && (instrument.map { $0 == intent.approval.order.instrument } ?? true)
        }
        guard let number = open.keys.min() else { return }
        let state = intents[number]?.isDoubtful == true ? "in doubt" : "open"
        violate(
            .correction,
            "\(instrument.map { symbol($0) } ?? "cash") is corrected while intent \(number) is"
                + " \(state)")
    }

    mutating func crashedCorrections(_ kept: UInt64) {
        corrections.removeAll { $0.record > kept }
    }

    /// Behind a crash: what stands of them.
    mutating func applyCorrections() {
        for (correction, _) in corrections {
            if let instrument = correction.order.instrument {
                position[Int(instrument.index)] += Int64(clamping: correction.order.change)
            } else {
                cash += correction.cashAfter.units - correction.cashBefore.units
            }
        }
    }

    /// What the account is worth more by corrections: losses are measured from there.
    var worthCorrected: Int128 { corrections.reduce(0) { $0 + $1.correction.worth.units } }
}
