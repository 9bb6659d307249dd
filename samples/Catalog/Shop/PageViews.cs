using System.Globalization;
using Catalog.Page;
using Microsoft.Data.Sqlite;
using Millpond;
using Millpond.FileJournal;
using Millpond.Sinks;
using Millpond.Sqlite;

namespace Catalog.Shop;

/// <summary>
/// How often each product was looked at. A view is counted when the journal of this instance has it, after the page has been sent; from there it reaches the database with thousands of others, once, also if the program is killed in between.
/// </summary>
/// <remarks>In a database of their own beside the catalogue: a batch waits for the disk while it has its database's only write lock, and nobody who changes a stock is to wait for that.</remarks>
internal sealed class PageViews(IMergedCounters<int> counters, ICache cache, string catalogue)
{
    /// <summary>The name of the counters, and of the journal's folder beside the database.</summary>
    private const string Name = "views";

    public static MillpondBuilder Declare(MillpondBuilder cache, string catalogue, int instance) => cache.AddMergedCounters<int>(
        Name,
        FileJournals.In(Path.Combine(Path.GetDirectoryName(catalogue)!, Name, instance.ToString(CultureInfo.InvariantCulture))),
        SqliteSinks.Table(DatabaseOf(catalogue), new SinkTable<int, long>("page_views").Key("product_id", id => id).Count("views")),
        options => options.FlushDelay = TimeSpan.FromSeconds(1));

    /// <summary>Makes the database and its table, if they are not there.</summary>
    public static void Prepare(string catalogue)
    {
        using var connection = new SqliteConnection($"Data Source={DatabaseOf(catalogue)};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS page_views (product_id INTEGER PRIMARY KEY, views INTEGER NOT NULL)";
        command.ExecuteNonQuery();
    }

    /// <summary>Counts a view when the page has been sent, so that nobody waits for the disk.</summary>
    public void CountWhenSent(HttpContext context, int product) => context.Response.OnCompleted(async () =>
    {
        try
        {
            await counters.AddAsync(product);
        }
        catch (MillpondException)
        {
            // The journal is full or gone, which its figures and the log say. The page was served; this view is not counted.
        }
    });

    /// <summary>Everything counted so far is in the database when it returns.</summary>
    public ValueTask FlushAsync(CancellationToken cancellation) => cache.WriteBehind(Name).FlushAsync(cancellation);

    /// <summary>How many there are, and how many are on their way.</summary>
    public async Task<ViewsSample> SampleAsync(CancellationToken cancellation)
    {
        await using var connection = new SqliteConnection($"Data Source={DatabaseOf(catalogue)};Mode=ReadOnly");
        await connection.OpenAsync(cancellation);
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT coalesce(sum(views), 0) FROM page_views";
        return new ViewsSample((long)(await command.ExecuteScalarAsync(cancellation))!, cache.WriteBehind(Name).Statistics().Records);
    }

    private static string DatabaseOf(string catalogue) => Path.Combine(Path.GetDirectoryName(catalogue)!, "views.db");
}
