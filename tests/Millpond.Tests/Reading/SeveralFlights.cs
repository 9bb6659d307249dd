using Microsoft.Extensions.DependencyInjection;
using Millpond.Testing.Faults;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

/// <summary>Callers with different wishes have flights of their own for one key.</summary>
public sealed class SeveralFlights
{
    [Fact]
    public void A_caller_with_a_loader_does_not_wait_for_one_who_only_looks() => Caches.Run(async caches =>
    {
        var network = new FaultySharedTier(caches.Shared, caches.Surroundings, seed: 1);
        var cache = caches.Add(_ => { }, network).GetRequiredService<ICache>();
        var replies = network.Operations.Gate(SharedOperation.Read, FaultPoint.AfterEffect);

        var look = cache.GetAsync<string>("seven").AsTask();
        caches.Settle();
        var load = cache.GetOrLoadAsync<string>("seven", _ => new("loaded")).AsTask();
        caches.Settle();
        replies.Release();
        caches.Settle();

        Assert.Null(await look);
        Assert.Equal("loaded", await load);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void Those_who_only_look_do_not_part_those_who_load() => Caches.Run(async caches =>
    {
        var network = new FaultySharedTier(caches.Shared, caches.Surroundings, seed: 1);
        var cache = caches.Add(_ => { }, network).GetRequiredService<ICache>();
        await cache.GetAsync<string>("connects");
        var replies = network.Operations.Gate(SharedOperation.Read, FaultPoint.AfterEffect);
        var loads = 0;

        var callers = new List<Task<string?>>();
        for (var n = 0; n < 100; n++)
        {
            callers.Add(cache.GetOrLoadAsync("seven", _ => new ValueTask<string?>($"loaded {++loads}")).AsTask());
            _ = cache.GetAsync<string>("seven").AsTask();
        }

        caches.Settle();
        replies.Release();

        Assert.All(await Task.WhenAll(callers), value => Assert.Equal("loaded 1", value));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_stale_value_is_renewed_by_the_loader_of_the_caller_who_got_it() => Caches.Run(async caches =>
    {
        var cache = caches.Add(m => m.AddKeyspace<string, object>("adhoc", k => k.Policy(p =>
        {
            (p.Jitter, p.StaleWhileRevalidate) = (0, TimeSpan.FromHours(1));
        }))).GetRequiredService<ICache>();
        await cache.GetOrLoadAsync<string>("seven", _ => new("old"));
        caches.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal("old", await cache.GetOrLoadAsync<string>("seven", _ => new("new")));
        caches.Settle();
        Assert.Equal("new", await cache.GetOrLoadAsync<string>("seven", _ => new("unused")));
    });
}
