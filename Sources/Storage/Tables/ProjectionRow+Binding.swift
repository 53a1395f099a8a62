package import Ports

import TradingModel

extension LedgerRow {
    func bind(to run: Int64, _ binder: inout some RowBinder) {
        binder.put(run)
        binder.put(line)
        binder.put(record)
        binder.put(account)
        binder.put(symbol)
        binder.put(side.word)
        binder.put(quantity)
        binder.put(price)
        binder.put(fee)
        binder.put(currency)
        binder.put(order.value)
        binder.put(clientOrderID)
        binder.put(slippage)
        binder.put(realised)
        binder.put(positionAfter)
        binder.put(cashAfter)
        binder.put(source)
        binder.put(modelVersion)
        binder.put(Int64(confidence))
        binder.put(time)
        binder.put(hash)
        binder.put(kind.rawValue)
        binder.put(cashBefore.map(\.description))
        binder.put(costAfter.map(\.description))
        binder.put(note)
        binder.put(tax.map(\.description))
    }
}

extension SignalRow {
    func bind(to run: Int64, _ binder: inout some RowBinder) {
        binder.put(run)
        bindColumns(&binder)
    }

    /// In the order of ``RowColumns/signalColumns``.
    func bindColumns(_ binder: inout some RowBinder) {
        binder.put(record)
        binder.put(position.value)
        binder.put(Int64(index))
        binder.put(source)
        binder.put(version)
        binder.put(model)
        binder.put(parameterHash)
        binder.put(account)
        binder.put(symbol)
        binder.put(action.word)
        binder.put(Int64(confidence))
        binder.put(message)
        binder.put(JSONWords.encode(reasons))
        binder.put(status)
        binder.put(detail)
        binder.put(time)
        binder.put(size)
        binder.put(limit?.units)
        binder.put(delay)
    }
}

extension OrderRow {
    func bind(to run: Int64, _ binder: inout some RowBinder) {
        binder.put(run)
        binder.put(number.value)
        binder.put(record)
        binder.put(clientOrderID)
        binder.put(account)
        binder.put(symbol)
        binder.put(side.word)
        binder.put(quantity)
        binder.put(limit?.units)
        binder.put(state)
        binder.put(filled)
        binder.put(source)
        binder.put(reason)
        binder.put(time)
        binder.put(round)
        binder.put(Int64(confidence))
        binder.put(sizing)
        binder.put(reference)
        binder.put(reserved)
    }
}

extension RiskRow {
    func bind(to run: Int64, _ binder: inout some RowBinder) {
        binder.put(run)
        binder.put(record)
        binder.put(position.value)
        binder.put(code)
        binder.put(account)
        binder.put(symbol)
        binder.put(rule)
        binder.put(detail)
        binder.put(time)
    }
}

extension RoundRow {
    func bind(to run: Int64, _ binder: inout some RowBinder) {
        binder.put(run)
        binder.put(number)
        binder.put(record)
        binder.put(account)
        binder.put(symbol)
        binder.put(opened.value)
        binder.put(closed.value)
        binder.put(policy)
        binder.put(threshold)
        binder.put(side?.word)
        binder.put(conflict ? 1 : 0 as Int64)
        binder.put(detail)
        binder.put(leader)
        binder.put(approved.map { $0 ? 1 : 0 as Int64 })
        binder.put(rule)
        binder.put(ruleDetail)
        binder.put(order.map { Int64(bitPattern: $0.value) })
        binder.put(JSONWords.encode(silent))
        binder.put(time)
    }
}

extension EventRow {
    func bind(to run: Int64, _ binder: inout some RowBinder) {
        binder.put(run)
        binder.put(position.value)
        binder.put(record)
        binder.put(kind)
        binder.put(symbol)
        binder.put(time)
        binder.put(price?.units)
        binder.put(open?.units)
        binder.put(high?.units)
        binder.put(low?.units)
        binder.put(bid?.units)
        binder.put(ask?.units)
        binder.put(volume?.description)
    }
}

extension BarRow {
    func bind(to run: Int64, _ binder: inout some RowBinder) {
        binder.put(run)
        binder.put(symbol)
        binder.put(interval)
        binder.put(openTime)
        binder.put(record)
        binder.put(open)
        binder.put(high)
        binder.put(low)
        binder.put(close)
        binder.put(volume.description)
    }
}

extension RoundVote {
    /// - Parameter place: Among the round's votes.
    func bind(to run: Int64, round: Int64, place: Int, _ binder: inout some RowBinder) {
        binder.put(run)
        binder.put(round)
        binder.put(source)
        binder.put(position.value)
        binder.put(Int64(index))
        binder.put(action.word)
        binder.put(Int64(confidence))
        binder.put(weight)
        binder.put(Int64(priority))
        binder.put(status)
        binder.put(Int64(place))
    }
}

extension ProjectionRow {
    /// The log record it came from.
    package var record: UInt64 {
        switch self {
        case .ledger(let row): row.record
        case .signal(let row): row.record
        case .order(let row): row.record
        case .risk(let row): row.record
        case .round(let row): row.record
        case .event(let row): row.record
        case .shadow(let row): row.result.record
        case .version(let row): row.record
        case .bar(let row): row.record
        }
    }
}
