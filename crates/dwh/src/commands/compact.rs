//! `dwh compact`: many tiny JSON objects into few larger ones and a manifest.

use std::sync::Arc;
use std::time::Instant;

use dwh_common::SqlError;
use dwh_copy::{
    CompactError, CompactPlan, CompactRequest, KNOWN_NODE_TYPES, OutputCompression, Progress, S3Access,
    Stores, compact, plan_compaction, slices_per_node,
};
use indicatif::HumanBytes;

use crate::args::{CompactArgs, ObjectCompression};
use crate::context::Context;
use crate::output::Rows;
use crate::progress::CompactProgress;
use crate::report::UsageError;

/// Plans, and unless it is only to be shown carries out what is left of the plan.
///
/// # Errors
/// [`CompactError`], or a node type without known slices.
pub(crate) async fn run(args: &CompactArgs, context: &Context) -> anyhow::Result<()> {
    let printer = context.printer;
    let slices = slices(args, context)?;
    let stores = Stores::new(context.store_settings());
    let request = CompactRequest {
        source: args.source.clone(),
        target: args.destination.clone(),
        size_bytes: args.size.0,
        slices,
        compression: compression(args.compression),
        access: S3Access::default(),
    };
    let keyword = request.compression.keyword();
    let plan = plan_compaction(request, &stores).await.map_err(said)?;
    printer.note(format_args!(
        "{} objects with {} become {} for {slices} slices",
        plan.source_objects,
        HumanBytes(plan.source_bytes),
        plan.objects.len(),
    ));
    if !plan.objects.len().is_multiple_of(slices as usize) {
        printer.warning("the source has too few objects for a multiple of the slices");
    }
    if args.dry_run {
        return Ok(printer.rows(&table(&plan))?);
    }
    if plan.is_finished {
        printer.note("all of them are there already; nothing was written");
    } else {
        let started = Instant::now();
        let counters = Arc::new(Progress::default());
        let progress = CompactProgress::start(printer, plan.source_objects as u64, Arc::clone(&counters));
        let done = compact(&plan, &stores, counters).await;
        drop(progress);
        let done = done.map_err(said)?;
        printer.note(format_args!(
            "wrote {} objects and the manifest in {:.1} s; all objects have {}",
            done.objects_written,
            started.elapsed().as_secs_f64(),
            HumanBytes(done.stored_bytes),
        ));
    }
    let keyword = keyword.map(|keyword| format!(" {keyword}")).unwrap_or_default();
    printer.note(format_args!("load them with COPY … FROM the manifest with the keywords MANIFEST{keyword}"));
    Ok(printer.line(&plan.manifest_url)?)
}

/// The flags, else the node type and nodes of the configuration.
fn slices(args: &CompactArgs, context: &Context) -> Result<u32, UsageError> {
    if let Some(slices) = args.slices {
        return Ok(slices);
    }
    let value = |name| context.text("DWH", name);
    let node_type = args.node_type.as_deref().or_else(|| value("DWH_NODE_TYPE")).unwrap_or_default();
    let single = args.node_type.is_none() && value("DWH_CLUSTER_TYPE") == Some("single-node");
    let of_file = if single { Some(1) } else { value("DWH_NUM_NODES").and_then(|nodes| nodes.parse().ok()) };
    let nodes = args.nodes.or(of_file).unwrap_or(1);
    let of_node = slices_per_node(node_type).ok_or_else(|| {
        UsageError::new(
            format!("the slices of node type {node_type:?} are not known"),
            format!("give --slices (SELECT COUNT(*) FROM stv_slices), or one of {KNOWN_NODE_TYPES}"),
        )
    })?;
    nodes.checked_mul(of_node).ok_or_else(|| UsageError::new("so many nodes cannot be", "give --slices"))
}

fn compression(chosen: ObjectCompression) -> OutputCompression {
    match chosen {
        ObjectCompression::Gzip => OutputCompression::Gzip,
        ObjectCompression::Zstd => OutputCompression::Zstd,
        ObjectCompression::Bzip2 => OutputCompression::Bzip2,
        ObjectCompression::None => OutputCompression::None,
    }
}

/// The error with its kind and hint, as the report shows it.
fn said(error: CompactError) -> SqlError {
    SqlError::from(error)
}

fn table(plan: &CompactPlan) -> Rows {
    let rows = plan.objects.iter().map(|object| {
        [
            Some(object.url.clone()),
            Some(object.source_objects().to_string()),
            Some(object.source_bytes.to_string()),
            Some(if object.written_bytes.is_some() { "written" } else { "to write" }.to_owned()),
        ]
    });
    Rows::of_text(["object", "source_objects", "source_bytes", "state"], rows)
}
