using Millpond.Sinks;
using Millpond.Testing.Sinks;

namespace Millpond.Tests.Anomalies;

/// <summary>The schedules of write-behind, each told once and run with its rules and without.</summary>
internal static class BehindSchedules
{
    /// <summary>A52: the process dies while the journal takes its write, and after the journal took another one.</summary>
    public static (bool Acknowledged, string? Source, string Read) AcknowledgedThenLost(Breach? rules = null) => Fleet.Run(
        fleet =>
        {
            var scene = new BehindScene(fleet);
            var (one, two) = (scene.Add(o => o.FlushDelay = TimeSpan.FromMinutes(1)), scene.Add());
            fleet.Done(one.Behind.DeadLettersAsync().AsTask());
            one.Write("v2");
            var never = fleet.Surroundings.NewCompletion<bool>();
            scene.Store.BeforeAppend = () => never.Task;
            var lost = one.BeginWrite("v3");
            one.Kill();
            scene.Store.BeforeAppend = null;
            fleet.Done(two.Behind.DeadLettersAsync().AsTask());
            scene.Flush();
            var seen = (lost.IsCompleted, fleet.P[Fleet.K], two.Node.Read() ?? "absent");
            never.SetException(new TimeoutException());
            fleet.Settle();
            return seen;
        },
        rules);

    /// <summary>A53: a batch is on its way for so long that it was sent again, and a newer write is applied before the first one arrives.</summary>
    public static string OldRetryAfterNewerWrite(SinkLedger ledger) => Fleet.Run(fleet =>
    {
        var scene = new BehindScene(fleet);
        scene.Source.Ledger = ledger;
        SinkBatch<int, string>? late = null;
        scene.Source.BeforeApply = batch =>
        {
            if (late is null)
            {
                late = batch;
                throw new TimeoutException();
            }

            return Task.CompletedTask;
        };
        var node = scene.Add();
        node.Write("v2");
        scene.Flush();
        node.Write("v3");
        scene.Flush();
        return Arrive(fleet, scene, late!);
    });

    /// <summary>A54: what is not flushed is evicted from both tiers, and then read.</summary>
    public static (string? Read, int Loads) DirtyEntryEvicted(Breach? rules = null) => Fleet.Run(
        fleet =>
        {
            var scene = new BehindScene(fleet);
            var node = scene.Add(o => o.FlushDelay = TimeSpan.FromMinutes(1));
            node.Write("v2");
            node.Node.Things.Core.Local.Clear();
            Assert.True(fleet.Engine.Evict(node.Node.Name));
            return (node.Node.Read(), node.Node.Loads);
        },
        rules);

    /// <summary>A54, the other half: the flush comes between a load's look into the journal and its look into the source.</summary>
    public static string? FlushedDuringALoad() => Fleet.Run(fleet =>
    {
        var scene = new BehindScene(fleet);
        var node = scene.Add();
        node.Write("v2");
        node.Node.Things.Core.Local.Clear();
        fleet.Engine.Evict(node.Node.Name);
        node.Node.HoldLoads();
        var read = node.Node.Begin();
        scene.Flush();
        node.Node.ReleaseLoads();
        return fleet.Done(read);
    });

    /// <summary>A55: the flush of v2 comes back by a feed while v3 is written and not flushed.</summary>
    public static (string? Read, string WhatAllRead) OwnFlushReturns(Breach? rules = null) => Fleet.Run(
        fleet =>
        {
            var scene = new BehindScene(fleet);
            var node = scene.Add();
            node.Write("v2");
            scene.Flush();
            scene.Source.BeforeApply = _ => throw new TimeoutException();
            node.Write("v3");

            // What a feed does that heard of a row.
            node.Node.Invalidate(Fleet.K);
            return (node.Node.Read(), node.Node.Read() ?? "absent");
        },
        rules);

    /// <summary>A56: a flusher is stopped with its batch on the way, another one leads and flushes more, and then the first one's batch arrives.</summary>
    public static (string Source, string History) ZombieFlusher(SinkLedger ledger) => Fleet.Run(fleet =>
    {
        var scene = new BehindScene(fleet);
        scene.Source.Ledger = ledger;
        SinkBatch<int, string>? zombies = null;
        scene.Source.BeforeApply = async batch =>
        {
            if (zombies is null)
            {
                zombies = batch;
                await fleet.Surroundings.NewCompletion<bool>().Task;
            }
        };
        var one = scene.Add();
        one.Write("v2");
        scene.Flush();
        Assert.NotNull(zombies);
        one.Kill();
        var two = scene.Add();
        two.Write("v3");
        scene.Flush();
        return (Arrive(fleet, scene, zombies!), scene.HistoryOf());
    });

    /// <summary>A58: of four writes the source never takes the first, and another one of its key comes behind it. Then the source takes everything, and the dead letters are tried again.</summary>
    public static (string Others, string Letters, string? Read, int Retried, string? Source) PoisonItem(Breach? rules = null) => Fleet.Run(
        fleet =>
        {
            var scene = new BehindScene(fleet);
            var node = scene.Add(o => o.FlushDelay = TimeSpan.FromMilliseconds(10));
            scene.Source.Refuses = item => item.Value == "poison";
            node.Write("poison", key: 8);
            node.Write("b", key: 7);
            scene.Flush();
            node.Write("c", key: 8);
            node.Write("d", key: 9);
            scene.Flush();
            var others = $"{fleet.P[7]}, {fleet.P[9]}, {scene.Store.NewJournal().Depth.Records}";
            var letters = fleet.Done(node.Behind.DeadLettersAsync().AsTask());
            node.Node.Things.Core.Local.Clear();
            var read = node.Node.Read(8);
            scene.Source.Refuses = null;
            var retried = fleet.Done(node.Behind.RetryDeadLettersAsync().AsTask());
            return (others, string.Join(", ", letters.Select(letter => letter.Record.Key)), read, retried, fleet.P.GetValueOrDefault(8));
        },
        rules);

    private static string Arrive(Fleet fleet, BehindScene scene, SinkBatch<int, string> late)
    {
        scene.Source.BeforeApply = null;
        try
        {
            fleet.Done(scene.Source.ApplyAsync(late, default));
        }
        catch (SinkException fenced)
        {
            Assert.Equal(SinkFailure.Fenced, fenced.Failure);
        }

        return fleet.P[Fleet.K]!;
    }
}
