package import Kernel
package import Ports
package import TradingModel

/// Something that happened in a simulation, at the host or at a broker.
///
/// The checker reads these and nothing else. What the host decided carries the number of the log's record that
/// holds it: a crash that loses the record makes it undone.
package enum Happening: Hashable, Sendable {
    // The market and those who look at it.
    case printed(InstrumentID, Price, Quantity)
    case said(SourceID, InstrumentID, Action, SignalStatus)

    // Decided by the host.
    case approved(Approval, record: UInt64)
    case refused(InstrumentID, rule: String)
    case acknowledged(OrderNumber, BrokerOrderID, record: UInt64)
    case booked(BookedFill, record: UInt64)
    case doubted(OrderNumber, reason: String, record: UInt64)
    case ended(OrderNumber, OrderMachine.State, reason: String, record: UInt64)
    case contradicted(OrderNumber, String)
    case killed(Bool, record: UInt64)
    /// The kill switch of one source.
    case partKilled(SourceID, Bool, record: UInt64)
    /// Whatever is held is sold, or no more.
    case flattening(Bool, record: UInt64)
    case limitPassed(WatchedLimit, InstrumentID?, record: UInt64)
    case lockedDown(Bool, broker: Int, reason: String, record: UInt64)
    /// The log is on the disk up to here.
    case durable(through: UInt64)
    /// The log has it that an order whose end the books have is at the broker, or that this is over.
    case ghost(OrderNumber, Bool, record: UInt64)
    /// Nobody knows what became of such an order, or somebody does now.
    case ghostWaits(OrderNumber, Bool)
    /// A start knows one of the log.
    case ghostRecalled(OrderNumber, waits: Bool)
    /// A desk knows such an order, or none more, whatever it asks the log to keep.
    case ghostKnown(OrderNumber, Bool, record: UInt64)
    /// Those that the desks of a start know.
    case ghostsRestored([OrderNumber])
    /// The host dies with word of one that the log does not have.
    case ghostLost(OrderNumber)
    case noted(broker: Int, code: String, severity: String, OrderNumber?, String)

    /// A tick reached the host, where a limit hangs on prices or on time.
    case priced(InstrumentID, Price, record: UInt64)

    // Changes of open orders.
    case changeAsked(Change, record: UInt64)
    case changeNotApproved(OrderNumber, rule: String)
    case changeTaken(OrderNumber, OrderChange, BrokerOrderID, record: UInt64)
    case changeRefused(OrderNumber, OrderChange, reason: String, record: UInt64)
    /// Cash that no order holds, as the gate reckons with, behind what was told of a change.
    case free(Money, behindChangeOf: OrderNumber)
    /// Written to the socket.
    case changeSent(call: UInt64, broker: Int, OrderNumber, OrderChange)
    case changeWithdrawn(call: UInt64, broker: Int, OrderNumber, Withdrawal)
    /// The broker made another order of it: what it is now, under which number, and what it was called before.
    case altered(broker: Int, BrokerOrderID, former: BrokerOrderID, Order)
    /// A fault struck a call that changes an order, or word of it.
    case changeMet(Fault)

    // Exits.
    /// The host has a tick: what exits make of it comes next.
    case came(InstrumentID, Price, record: UInt64)
    /// It has made of it what it does.
    case saw(InstrumentID, Price)
    case guarded(InstrumentID, Bool)
    case exitFired(InstrumentID, tier: Int, price: Price, record: UInt64)
    case exitsHeld(Bool, record: UInt64)
    /// The host was told that an instrument does not trade, or does again.
    case tradingHalted(InstrumentID, Bool, record: UInt64)
    /// The host was told between which prices orders are taken today.
    case dayLimited(InstrumentID, DayLimits?, record: UInt64)
    /// Fired because everything is sold.
    case soldOut(InstrumentID, price: Price, record: UInt64)
    /// The order is an exit's.
    case assigned(OrderNumber)
    /// The exchange made `new` shares of `old`; then the host was told.
    case split(InstrumentID, new: Int64, old: Int64)
    case rescaled(InstrumentID, new: Int64, old: Int64, record: UInt64)

    // Somebody else in the account.
    /// Shares and money came or went without an order of ours; below zero: they went.
    case dealt(broker: Int, InstrumentID?, Quantity, Money)
    case corrected(Correction, record: UInt64)
    /// A broker's statement of holdings was held against the books: of these it tells another quantity. Noted at a start
    /// until nothing differs.
    case compared(broker: Int, differing: [InstrumentID])

    // Calls, numbered in the whole run.
    /// A placing is given to the adapter, which writes it when its turn comes.
    case handed(call: UInt64, broker: Int, OrderNumber)
    /// Written to the socket.
    case sent(call: UInt64, broker: Int, Order, ClientOrderID)
    case withdrawn(call: UInt64, broker: Int, OrderNumber, Withdrawal)
    case asked(call: UInt64, broker: Int, Question)
    case answered(call: UInt64, broker: Int, Outcome)
    case heard(broker: Int, NumberedNews)

    // What really happened at the broker.
    case accepted(broker: Int, BrokerOrderID, Order)
    case turnedDown(broker: Int, OrderNumber, BrokerError)
    case filled(broker: Int, BrokerOrderID, Order, Fill)
    case cancelled(broker: Int, BrokerOrderID, Order, reason: String)

    // The host's life, and people.
    case started(life: Int)
    case recovered(same: Bool, orders: Int, doubtful: Int)
    case crashed(kept: UInt64, lost: UInt64, at: Seam)
    case resolved(OrderNumber, byPerson: String)
    case wished(OrderNumber, reason: String, record: UInt64)
    case struck(Fault, String)
    case calm
    case rested(Rest)
    case hung(String)

    /// An order as the gate let it pass.
    package struct Approval: Hashable, Sendable {
        package var order: Order
        package var reserved: Money
        /// The last price.
        package var reference: Price
        /// Whose vote it was decided on.
        package var source: SourceID
        package init(
            order: Order, reserved: Money, reference: Price, source: SourceID = SourceID(0)
        ) {
            self.order = order
            self.reserved = reserved
            self.reference = reference
            self.source = source
        }
    }
    /// A change as the gate let it pass.
    package struct Change: Hashable, Sendable {
        package var number: OrderNumber
        package var before: OrderChange
        package var after: OrderChange
        package var reserved: Money
        package init(
            number: OrderNumber, before: OrderChange, after: OrderChange, reserved: Money
        ) {
            self.number = number
            self.before = before
            self.after = after
            self.reserved = reserved
        }
    }
    package struct BookedFill: Hashable, Sendable {
        package var fill: Fill
        package var positionAfter: Quantity
        package var cashAfter: Money
        package init(fill: Fill, positionAfter: Quantity, cashAfter: Money) {
            self.fill = fill
            self.positionAfter = positionAfter
            self.cashAfter = cashAfter
        }
    }
    package enum Question: Hashable, Sendable {
        case cancel(OrderNumber)
        case order(OrderNumber)
        case orders, openOrders, fills, positions, balances, heartbeat
        case adopt(OrderNumber)
    }
    package enum Outcome: Hashable, Sendable {
        case placed(OrderNumber, BrokerOrderID)
        /// Of a placing.
        case notPlaced(OrderNumber, BrokerError)
        case said(String)
        case failed(BrokerError)
        case lost
    }
    /// Where the host was when it crashed.
    package enum Seam: String, Hashable, Sendable, CaseIterable {
        case idle = "between events"
        case decided = "decided, not yet in the log"
        case appended = "in the log, not yet flushed"
        case flushed = "flushed, not yet sent"
        case sent = "between two calls"
        case answered = "answered, not yet in the log"
        case recovering = "recovering"
        case diskFull = "the disk is full"
    }
    /// Both sides when nothing moves any more.
    package struct Rest: Hashable, Sendable {
        package struct Side: Hashable, Sendable {
            package var positions: [Quantity]
            package var cash: Money
            package init(positions: [Quantity], cash: Money) {
                self.positions = positions
                self.cash = cash
            }
        }
        package var host: Side
        /// Cash that no order holds, as the gate reckons with.
        package var freeCash: Money
        package var working: [OrderNumber]
        package var doubtful: [OrderNumber]
        package var isKilled: Bool
        /// The brokers together.
        package var brokers: Side
        package var openAtBrokers: [OrderNumber]
        package init(
            host: Side, freeCash: Money, working: [OrderNumber], doubtful: [OrderNumber],
            isKilled: Bool, brokers: Side, openAtBrokers: [OrderNumber]
        ) {
            self.host = host
            self.freeCash = freeCash
            self.working = working
            self.doubtful = doubtful
            self.isKilled = isKilled
            self.brokers = brokers
            self.openAtBrokers = openAtBrokers
        }
    }
}
