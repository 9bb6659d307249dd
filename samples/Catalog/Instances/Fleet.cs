using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Catalog.Database;
using Catalog.Page;

namespace Catalog.Instances;

/// <summary>All instances on one shared tier, as the first one knows them: asks each for its figures once a second and tells each of the drills.</summary>
internal sealed class Fleet(InstanceFigures own) : IDisposable
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(0.9) };
    private volatile IReadOnlyList<Instance> _instances = [];

    /// <summary>How long an instance may take to answer; to be set before the first question. Default 0.9 s, so that the page is told every second.</summary>
    public TimeSpan Patience
    {
        set => _client.Timeout = value;
    }

    /// <summary>From now on there are several: this one, which listens at the first address, and others.</summary>
    public void Gather(IReadOnlyList<Uri> addresses) =>
        _instances = [.. addresses.Select((address, index) => new Instance(index + 1, address, index == 0 ? AskOwnAsync : cancellation => AskAsync(address, cancellation)))];

    /// <summary>The sample with every instance in it, and the database's queries of all; the sample itself if there are no others.</summary>
    public async Task<LiveSample> WidenAsync(LiveSample sample, CancellationToken cancellation)
    {
        if (_instances.Count == 0)
        {
            return sample;
        }

        InstanceSample[] all = await Task.WhenAll(_instances.Select(instance => instance.SampleAsync(cancellation)));
        return sample with
        {
            Instances = all,
            Database = sample.Database with { Reads = all.Sum(one => one.Reads), WithoutCache = all.Sum(one => one.WithoutCache) },
        };
    }

    /// <summary>Everything since the start, of all instances; of one that is gone, what it told last.</summary>
    public async Task<InstanceTotals> TotalsAsync(CancellationToken cancellation)
    {
        await Task.WhenAll(_instances.Select(instance => instance.SampleAsync(cancellation)));
        return _instances.Skip(1).Select(instance => instance.Last).OfType<InstanceTotals>()
            .Aggregate(await own.NowAsync(cancellation), static (sum, one) => sum.Plus(one));
    }

    /// <summary>Puts a timed drill on or off at all other instances; one that does not answer goes without.</summary>
    public Task DrillAsync(string name, bool isOn, CancellationToken cancellation) =>
        Task.WhenAll(_instances.Skip(1).Select(async instance =>
        {
            try
            {
                var path = new Uri(string.Create(CultureInfo.InvariantCulture, $"drills/{name}/{(isOn ? "on" : "off")}"), UriKind.Relative);
                using HttpResponseMessage response = await _client.PostAsync(new Uri(instance.Address, path), null, cancellation);
            }
            catch (Exception gone) when (gone is HttpRequestException or TaskCanceledException)
            {
                // The page shows that it does not answer.
            }
        }));

    /// <summary>The product as each instance serves it over HTTP, in their order; null from one that does not answer.</summary>
    public Task<Product?[]> ReadEverywhereAsync(int id, CancellationToken cancellation) =>
        Task.WhenAll(_instances.Select(async instance =>
        {
            try
            {
                return await _client.GetFromJsonAsync<Product>(new Uri(instance.Address, string.Create(CultureInfo.InvariantCulture, $"products/{id}")), cancellation);
            }
            catch (Exception gone) when (gone is HttpRequestException || (gone is TaskCanceledException && !cancellation.IsCancellationRequested))
            {
                return null;
            }
        }));

    public void Dispose() => _client.Dispose();

    private async Task<InstanceTotals?> AskOwnAsync(CancellationToken cancellation) => await own.NowAsync(cancellation);

    private async Task<InstanceTotals?> AskAsync(Uri address, CancellationToken cancellation)
    {
        try
        {
            return await _client.GetFromJsonAsync<InstanceTotals>(new Uri(address, "figures"), cancellation);
        }
        catch (Exception gone) when (gone is HttpRequestException or JsonException || (gone is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }
}
