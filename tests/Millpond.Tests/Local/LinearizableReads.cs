using System.Globalization;
using Millpond.Events;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Local;

/// <summary>
/// Reads without a lock against writes, removals, marks, growth, evictions, expiry and clears, on real threads. A short run belongs to the suite; a longer one is
/// <c>MILLPOND_SOAK_SECONDS=600 ./test --filter LinearizableReads</c>, so many seconds for each test.
/// </summary>
public sealed class LinearizableReads
{
    private const int Keys = 6;
    private const int Readers = 2;
    private const int Writers = 2;

    private static readonly double Seconds =
        double.TryParse(Environment.GetEnvironmentVariable("MILLPOND_SOAK_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? seconds : 0.7;

    [Fact]
    public void Of_int_keys_while_tables_grow() => WhileTablesGrow(n => n);

    [Fact]
    public void Of_guid_keys_while_tables_grow() => WhileTablesGrow(n => new Guid(n, 1, 2, 3, 4, 5, 6, 7, 8, 9, (byte)n));

    [Fact]
    public void Of_struct_keys_while_tables_grow() => WhileTablesGrow(n => new WideKey(n));

    [Fact]
    public void Of_string_keys_while_tables_grow() => WhileTablesGrow(n => "key:" + n);

    [Fact]
    public void Of_int_keys_while_entries_go() => WhileEntriesGo(n => n);

    [Fact]
    public void Of_guid_keys_while_entries_go() => WhileEntriesGo(n => new Guid(n, 1, 2, 3, 4, 5, 6, 7, 8, 9, (byte)n));

    [Fact]
    public void Of_struct_keys_while_entries_go() => WhileEntriesGo(n => new WideKey(n));

    [Fact]
    public void Of_string_keys_while_entries_go() => WhileEntriesGo(n => "key:" + n);

    /// <summary>Nothing goes but what is removed, so nothing else may be missed. Tables grow from nothing again and again.</summary>
    private static void WhileTablesGrow<TKey>(Func<int, TKey> keyOf)
        where TKey : notnull
    {
        var until = Environment.TickCount64 + (long)(Seconds * 1_000);
        while (Environment.TickCount64 < until)
        {
            var rig = new TierRig<TKey, Quad>(16 << 20);
            var registers = new Registers<TKey>(rig, keyOf, Keys) { NothingGoes = true };
            Run(registers, Math.Min(until, Environment.TickCount64 + 150), (turn, chance) =>
            {
                rig.Tier.Set(keyOf(Keys + (turn % 20_000)), rig.Entry(new Quad(0, 0)));
                if (chance.Next(4) == 0)
                {
                    rig.Tier.Remove(keyOf(Keys + chance.Next(1 + (turn % 20_000))), EvictionCause.Invalidated);
                }
            });
            rig.Tier.Validate();
        }
    }

    /// <summary>Too little room, short lives, a clock that runs, and everything is let go now and then.</summary>
    private static void WhileEntriesGo<TKey>(Func<int, TKey> keyOf)
        where TKey : notnull
    {
        var rig = new TierRig<TKey, Quad>(100 * 40);
        var registers = new Registers<TKey>(rig, keyOf, Keys) { LiveMax = 300 };
        Run(registers, Environment.TickCount64 + (long)(Seconds * 1_000), (turn, chance) =>
        {
            rig.Tier.Set(keyOf(Keys + chance.Next(100)), rig.Entry(new Quad(0, 0), bytes: 50 + chance.Next(200)));
            rig.Now += chance.Next(100) == 0 ? TimeSpan.TicksPerMillisecond * 20 : 0;
            if (turn % 500 == 499)
            {
                rig.Tier.Clear();
            }
            else if (turn % 97 == 0)
            {
                rig.Budget.Resize(100 * (10 + chance.Next(40)));
            }
        });
        rig.Tier.Validate();
        Assert.InRange(rig.Budget.Bytes, 0, rig.Budget.BytesMax);
    }

    private static void Run<TKey>(Registers<TKey> registers, long until, Action<int, Random> disturb)
        where TKey : notnull
    {
        var failed = new List<Exception>();
        bool IsOver() => Environment.TickCount64 >= until || registers.Fault is not null;
        Thread Start(Action<int> turn)
        {
            var thread = new Thread(() =>
            {
                try
                {
                    // At least some, also where a busy machine lets the thread begin only when its time is over.
                    for (var n = 0; n == 0 || (n & 63) != 0 || !IsOver(); n++)
                    {
                        turn(n);
                    }
                }
                catch (Exception exception) when (exception is not OutOfMemoryException)
                {
                    lock (failed)
                    {
                        failed.Add(exception);
                    }
                }
            });
            thread.Start();
            return thread;
        }

        var threads = new List<Thread>();
        for (var n = 0; n < Readers + Writers + 1; n++)
        {
            var (chance, number) = (new Random(n), n);
            threads.Add(Start(turn =>
            {
                if (number < Readers)
                {
                    registers.Read(chance.Next(Keys));
                }
                else if (number < Readers + Writers)
                {
                    registers.Write(chance.Next(Keys), chance);
                }
                else
                {
                    disturb(turn, chance);
                }
            }));
        }

        threads.ForEach(thread => thread.Join());
        Assert.Empty(failed);
        Assert.Null(registers.Fault);
        Assert.NotEqual(0, registers.Reads);
    }
}
