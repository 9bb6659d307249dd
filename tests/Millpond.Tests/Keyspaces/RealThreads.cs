using Microsoft.Extensions.DependencyInjection;

namespace Millpond.Tests.Keyspaces;

/// <summary>The real clock and the real thread pool.</summary>
public sealed class RealThreads
{
    [Fact]
    public async Task Ten_thousand_callers_at_once_share_one_load()
    {
        var loads = 0;
        var gate = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = Provider(k => k.Load((_, _) =>
        {
            Interlocked.Increment(ref loads);
            return new ValueTask<string?>(gate.Task);
        }));
        var things = provider.GetRequiredService<IKeyspace<int, string>>();

        var begun = 0;
        Task<string?>[] callers = [.. Enumerable.Range(0, 10_000).Select(_ => Task.Run(async () =>
        {
            var read = things.GetAsync(7);
            if (Interlocked.Increment(ref begun) == 10_000)
            {
                gate.SetResult("seven");
            }

            return await read;
        }))];

        Assert.All(await Task.WhenAll(callers), value => Assert.Equal("seven", value));
        Assert.Equal(1, loads);
    }

    [Fact]
    public async Task A_mixture_of_everything_leaves_nothing_behind()
    {
        await using var provider = Provider(k => k.AllowUnorderedSets().Tags((key, _) => ["t" + (key % 3)])
            .Policy(p => (p.RefreshAhead, p.AbandonedLoad) = (0.01, AbandonedLoad.IsCancelled))
            .TimeToLive(TimeSpan.FromMilliseconds(5))
            .Load(async (key, token) =>
            {
                await Task.Yield();
                token.ThrowIfCancellationRequested();
                return key % 10 == 0 ? null : "v" + key;
            }));
        var things = provider.GetRequiredService<IKeyspace<int, string>>();

        await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            var chance = new Random(worker);
            for (var n = 0; n < 1_000; n++)
            {
                var key = chance.Next(40);
                using var impatience = new CancellationTokenSource();
                var call = Call(things, chance, key, impatience.Token);
                if (chance.Next(4) == 0)
                {
                    await impatience.CancelAsync();
                }

                try
                {
                    var value = await call;
                    Assert.True(value is null || value == "v" + key || value == "set" + key, value);
                }
                catch (OperationCanceledException) when (impatience.IsCancellationRequested)
                {
                }
            }
        })));

        var core = ((Millpond.Keyspaces.Keyspace<int, string>)things).Core;
        for (var key = 0; key < 40; key++)
        {
            await things.InvalidateAsync(key);
            Assert.Equal(key % 10 == 0 ? null : "v" + key, (await things.ReadAsync(key, ReadOptions.AtMost(TimeSpan.Zero))).Value);
        }

        Assert.Equal(0, core.Parts.Source.Waiting);
        Assert.Equal(core.Local.Bytes, core.Parts.Budget.Bytes);
    }

    private static async Task<string?> Call(IKeyspace<int, string> things, Random chance, int key, CancellationToken token)
    {
        switch (chance.Next(10))
        {
            case 0:
                await things.InvalidateAsync(key, token);
                return null;
            case 1:
                await things.InvalidateTagAsync("t" + (key % 3), token);
                return null;
            case 2:
                await things.SetAsync(key, "set" + key, null, token);
                return null;
            case 3:
                await using (var ticket = await things.BeginWriteAsync(key, token))
                {
                    await ticket.SetAsync("set" + key, null, token);
                }

                return null;
            case 4:
                return (await things.GetManyAsync([key, (key + 1) % 40], default, token)).GetValueOrDefault(key);
            case 5:
                return (await things.ReadAsync(key, ReadOptions.AtMost(TimeSpan.Zero), token)).Value;
            default:
                return await things.GetAsync(key, token);
        }
    }

    private static ServiceProvider Provider(Action<KeyspaceBuilder<int, string>> declare)
    {
        var services = new ServiceCollection();
        services.AddMillpond(m => m.AddKeyspace("thing", declare));
        return services.BuildServiceProvider();
    }
}
