import Testing

@testable import Kernel

/// Ids of fills, against a set of them.
@Suite struct HeardFillsTests {
    @Test func remembersWhatASetWouldWhateverTheOrder() {
        var state: UInt64 = 5
        for _ in 0..<500 {
            var heard = HeardFills()
            var set: Set<UInt32> = []
            for _ in 0..<40 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let draw = UInt32(truncatingIfNeeded: state >> 33)
                let id = draw % 16 == 0 ? UInt32.max - draw % 3 : draw % 20
                #expect(heard.contains(id) == set.contains(id), "\(id) after \(set.sorted())")
                heard.insert(id)
                set.insert(id)
                #expect(heard.contains(id))
            }
            for id in UInt32(0)..<25 { #expect(heard.contains(id) == set.contains(id)) }
        }
    }

    /// Equal orders stay equal: what was heard does not depend on the order in which it came.
    @Test func theSameFillsAreTheSameValue() {
        var inOrder = HeardFills()
        var backwards = HeardFills()
        for id in UInt32(1)...5 { inOrder.insert(id) }
        for id in (UInt32(1)...5).reversed() { backwards.insert(id) }
        #expect(inOrder == backwards)
        backwards.insert(7)
        #expect(inOrder != backwards)
    }
}
