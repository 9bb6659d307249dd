using Millpond.Testing.Faults;

namespace Millpond.Tests.Anomalies;

/// <summary>The schedules of <see cref="FillAgainstChange"/> in which writers do more than commit and invalidate.</summary>
internal static class WriteSchedules
{
    // W1 commits v2, W2 commits v3 and sets, W1 sets v2 [0]. Fails without InProcessRules.JudgeFill, or if a write lease did not displace the one before.
    public static string CrossedSets(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var (w1, w2) = (fleet.Add(), fleet.Add());
        var first = w1.BeginWrite();
        w1.Commit("v2");
        var second = w2.BeginWrite();
        w2.Commit("v3");
        Assert.True(w2.Set(second, "v3"));
        w1.Set(first, "v2");
        return fleet.WhatAllRead();
    }, rules);

    // Two writers each begin, commit and set, in one of the twenty orders there are ("abbaab" says who takes each step); R begins a load before one of the steps
    // and ends it after them all [0]. Fails without InProcessRules.JudgeFill.
    public static bool EndsAsCommitted(string order, int readBefore) => Fleet.Run(fleet =>
    {
        var r = fleet.Add();
        Node[] writers = [fleet.Add(), fleet.Add()];
        var tickets = new WriteTicket<string>[2];
        int[] steps = [0, 0];
        for (var at = 0; at < order.Length; at++)
        {
            if (at == readBefore)
            {
                r.HoldLoads();
                r.Begin();
            }

            var who = order[at] - 'a';
            var value = $"of {order[at]}";
            switch (steps[who]++)
            {
                case 0: tickets[who] = writers[who].BeginWrite(); break;
                case 1: writers[who].Commit(value); break;
                default: writers[who].Set(tickets[who], value); break;
            }
        }

        r.ReleaseLoads();
        fleet.Pass(TimeSpan.FromSeconds(15));
        return fleet.WhatAllRead() == fleet.P[Fleet.K];
    });

    // W deletes, R fills v1, W commits v2: stale until its time is over, which no rule of a cache can see. It is why the order matters.
    public static string DeleteBeforeCommit() => Fleet.Run(fleet =>
    {
        var (r, w) = (fleet.Add(), fleet.Add());
        w.Invalidate();
        r.Read();
        w.Commit("v2");
        return fleet.WhatAllRead();
    });

    // After-commit order [0]: W commits v2, R still has v1, W invalidates. Fails without the push, or without Fence in FlightTable.
    public static string DeleteAfterCommit() => Fleet.Run(fleet =>
    {
        var (r, w) = (fleet.Add(), fleet.Add());
        r.Read();
        w.Commit("v2");
        Assert.Equal("v1", r.Read());
        w.Invalidate();
        return fleet.WhatAllRead();
    });

    // With a ticket [0]: R has v1; W begins; N wants v1 and gets no lease to keep it; W commits v2 and ends the ticket. Fails without WriteRoad.GiveUpAsync.
    public static string DeleteWithTicket() => Fleet.Run(fleet =>
    {
        var (r, w, n) = (fleet.Add(), fleet.Add(), fleet.Add());
        r.Read();
        fleet.Engine.Evict(r.Name);
        var ticket = w.BeginWrite();
        var read = n.Begin();
        fleet.Pass(TimeSpan.FromSeconds(11)); // Past N's patience: it loads for itself alone.
        Assert.Equal("v1", fleet.Done(read));
        Assert.False(n.Holds());
        w.Commit("v2");
        w.GiveUp(ticket);
        return fleet.WhatAllRead();
    });

    // W takes a ticket and writes v2 without committing; R, whose loader reads what is not committed, held a lease from before; R fills v2; W rolls back and ends
    // the ticket [0: fills only from committed reads]. A loader must not read what is not committed (Load says so); for writers with a ticket not even one that
    // does can put it into the cache. Fails without InProcessRules.JudgeFill, or if a write lease did not displace R's (MayGrant).
    public static string UncommittedRead(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var row = "v1";
        var (r, w, n) = (fleet.Add(reads: _ => row), fleet.Add(), fleet.Add());
        var gate = r.Hold(SharedOperation.Read, FaultPoint.AfterEffect);
        r.Begin();
        var ticket = w.BeginWrite();
        row = "v2";
        r.Release(gate);
        var meanwhile = n.Begin();
        fleet.Pass(TimeSpan.FromSeconds(11)); // Past N's patience: it loads for itself alone.
        Assert.False(w.Holds());
        row = "v1";
        w.GiveUp(ticket);
        return string.Join(", ", new[] { fleet.Done(meanwhile), fleet.WhatAllRead() }.Distinct());
    }, rules);
}
