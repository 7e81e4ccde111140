use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Bound;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use bytes::Bytes;
use futures::TryStreamExt;
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput,
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, ETag,
    GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput,
    ListObjectsV2Input, ListObjectsV2Output, Object, PutObjectInput, PutObjectOutput, StreamingBlob,
    Timestamp, UploadPartInput, UploadPartOutput,
};
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};

use super::lock;

/// Keys per page, unless fewer are asked for, as S3 has it.
const MAX_KEYS: i32 = 1000;

/// Buckets of objects in memory, behind s3s's operations.
#[derive(Debug, Clone, Default)]
pub(super) struct MemoryStore(Arc<Mutex<BTreeMap<String, Bucket>>>, Arc<Mutex<Uploads>>);

type Bucket = BTreeMap<String, StoredObject>;

/// Uploads in parts that are neither completed nor aborted.
#[derive(Debug, Default)]
struct Uploads {
    next_id: u64,
    /// Parts by upload and number.
    open: BTreeMap<String, BTreeMap<i32, Bytes>>,
}

#[derive(Debug, Clone)]
struct StoredObject {
    bytes: Bytes,
    etag: String,
    last_modified: Timestamp,
}

impl MemoryStore {
    pub(super) fn create_bucket(&self, bucket: &str) {
        lock(&self.0).entry(bucket.to_owned()).or_default();
    }

    pub(super) fn put(&self, bucket: &str, key: &str, bytes: Bytes) -> String {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let etag = format!("{:016x}", hasher.finish());
        let object = StoredObject { bytes, etag: etag.clone(), last_modified: SystemTime::now().into() };
        lock(&self.0).entry(bucket.to_owned()).or_default().insert(key.to_owned(), object);
        etag
    }

    pub(super) fn get(&self, bucket: &str, key: &str) -> Option<Bytes> {
        self.object(bucket, key).ok().map(|object| object.bytes)
    }

    /// Replaces or removes what is at `/bucket/key`.
    pub(super) fn change(&self, path: &str, bytes: Option<Bytes>) {
        let Some((bucket, key)) = path.trim_start_matches('/').split_once('/') else { return };
        match bytes {
            Some(bytes) => drop(self.put(bucket, key, bytes)),
            None => {
                if let Some(bucket) = lock(&self.0).get_mut(bucket) {
                    bucket.remove(key);
                }
            }
        }
    }

    pub(super) fn keys(&self, bucket: &str) -> Vec<String> {
        lock(&self.0).get(bucket).map(|objects| objects.keys().cloned().collect()).unwrap_or_default()
    }

    pub(super) fn open_uploads(&self) -> usize {
        lock(&self.1).open.len()
    }

    fn object(&self, bucket: &str, key: &str) -> S3Result<StoredObject> {
        let buckets = lock(&self.0);
        let bucket = buckets
            .get(bucket)
            .ok_or_else(|| s3_error!(NoSuchBucket, "The specified bucket does not exist"))?;
        bucket.get(key).cloned().ok_or_else(|| s3_error!(NoSuchKey, "The specified key does not exist."))
    }
}

async fn whole(body: Option<StreamingBlob>) -> S3Result<Bytes> {
    let mut bytes = Vec::new();
    if let Some(mut body) = body {
        let broken = |_| s3_error!(IncompleteBody);
        while let Some(chunk) = body.try_next().await.map_err(broken)? {
            bytes.extend_from_slice(&chunk);
        }
    }
    Ok(bytes.into())
}

fn length(bytes: &Bytes) -> Option<i64> {
    i64::try_from(bytes.len()).ok()
}

#[async_trait::async_trait]
impl S3 for MemoryStore {
    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let object = self.object(&request.input.bucket, &request.input.key)?;
        let whole = object.bytes.len();
        let etag = ETag::Strong(object.etag);
        let expected = request.input.if_match.as_ref().and_then(|condition| condition.as_etag());
        if expected.is_some_and(|expected| !expected.strong_cmp(&etag)) {
            return Err(s3_error!(
                PreconditionFailed,
                "At least one of the pre-conditions you specified did not hold"
            ));
        }
        let (bytes, content_range) = match request.input.range {
            None => (object.bytes, None),
            Some(range) => {
                let range = range.check(whole as u64)?;
                let content_range = format!("bytes {}-{}/{whole}", range.start, range.end - 1);
                (object.bytes.slice(range.start as usize..range.end as usize), Some(content_range))
            }
        };
        Ok(S3Response::new(GetObjectOutput {
            content_length: length(&bytes),
            content_range,
            body: Some(StreamingBlob::from(Body::from(bytes))),
            e_tag: Some(etag),
            last_modified: Some(object.last_modified),
            ..GetObjectOutput::default()
        }))
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let object = self.object(&request.input.bucket, &request.input.key)?;
        Ok(S3Response::new(HeadObjectOutput {
            content_length: length(&object.bytes),
            e_tag: Some(ETag::Strong(object.etag)),
            last_modified: Some(object.last_modified),
            ..HeadObjectOutput::default()
        }))
    }

    async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        if lock(&self.0).contains_key(&request.input.bucket) {
            return Ok(S3Response::new(HeadBucketOutput::default()));
        }
        Err(s3_error!(NoSuchBucket, "The specified bucket does not exist"))
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let PutObjectInput { bucket, key, body, .. } = request.input;
        if !lock(&self.0).contains_key(&bucket) {
            return Err(s3_error!(NoSuchBucket, "The specified bucket does not exist"));
        }
        let etag = self.put(&bucket, &key, whole(body).await?);
        Ok(S3Response::new(PutObjectOutput { e_tag: Some(ETag::Strong(etag)), ..PutObjectOutput::default() }))
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        // Deleting what is not there succeeds, as in S3.
        if let Some(bucket) = lock(&self.0).get_mut(&request.input.bucket) {
            bucket.remove(&request.input.key);
        }
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let keys = request.input.delete.objects.into_iter().map(|object| object.key);
        let mut buckets = lock(&self.0);
        let deleted = keys.map(|key| {
            if let Some(bucket) = buckets.get_mut(&request.input.bucket) {
                bucket.remove(&key);
            }
            DeletedObject { key: Some(key), ..DeletedObject::default() }
        });
        let deleted = Some(deleted.collect());
        Ok(S3Response::new(DeleteObjectsOutput { deleted, ..DeleteObjectsOutput::default() }))
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let CreateMultipartUploadInput { bucket, key, .. } = request.input;
        let mut uploads = lock(&self.1);
        uploads.next_id += 1;
        let id = format!("upload-{}", uploads.next_id);
        uploads.open.insert(id.clone(), BTreeMap::new());
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(bucket),
            key: Some(key),
            upload_id: Some(id),
            ..CreateMultipartUploadOutput::default()
        }))
    }

    async fn upload_part(
        &self,
        request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let UploadPartInput { upload_id, part_number, body, .. } = request.input;
        let bytes = whole(body).await?;
        let mut uploads = lock(&self.1);
        let parts = uploads.open.get_mut(&upload_id).ok_or_else(|| s3_error!(NoSuchUpload))?;
        parts.insert(part_number, bytes);
        let e_tag = Some(ETag::Strong(format!("part-{part_number}")));
        Ok(S3Response::new(UploadPartOutput { e_tag, ..UploadPartOutput::default() }))
    }

    /// As S3 does, refuses parts under 5 MB before the last.
    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let CompleteMultipartUploadInput { bucket, key, upload_id, .. } = request.input;
        let parts = lock(&self.1).open.remove(&upload_id).ok_or_else(|| s3_error!(NoSuchUpload))?;
        let parts: Vec<Bytes> = parts.into_values().collect();
        if parts.iter().rev().skip(1).any(|part| part.len() < 5 << 20) {
            return Err(s3_error!(EntityTooSmall));
        }
        let etag = self.put(&bucket, &key, parts.concat().into());
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            bucket: Some(bucket),
            key: Some(key),
            e_tag: Some(ETag::Strong(etag)),
            ..CompleteMultipartUploadOutput::default()
        }))
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        lock(&self.1).open.remove(&request.input.upload_id);
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }

    /// Pages by key; the continuation token is the last key of the page. Delimiters are not known.
    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let ListObjectsV2Input {
            bucket: name,
            prefix,
            max_keys,
            continuation_token,
            start_after,
            delimiter,
            ..
        } = request.input;
        if delimiter.is_some() {
            return Err(s3_error!(NotImplemented, "delimiter"));
        }
        let buckets = lock(&self.0);
        let bucket = buckets
            .get(&name)
            .ok_or_else(|| s3_error!(NoSuchBucket, "The specified bucket does not exist"))?;
        let max_keys = max_keys.unwrap_or(MAX_KEYS).clamp(0, MAX_KEYS);
        let wanted = prefix.clone().unwrap_or_default();
        let after = continuation_token.clone().max(start_after);
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut matching = bucket.range((from, Bound::Unbounded)).filter(|(key, _)| key.starts_with(&wanted));
        let contents: Vec<Object> = matching
            .by_ref()
            .take(max_keys as usize)
            .map(|(key, object)| Object {
                key: Some(key.clone()),
                size: length(&object.bytes),
                e_tag: Some(ETag::Strong(object.etag.clone())),
                last_modified: Some(object.last_modified.clone()),
                ..Object::default()
            })
            .collect();
        let is_truncated = matching.next().is_some();
        let next_continuation_token =
            contents.last().filter(|_| is_truncated).and_then(|object| object.key.clone());
        Ok(S3Response::new(ListObjectsV2Output {
            key_count: i32::try_from(contents.len()).ok(),
            name: Some(name),
            prefix,
            max_keys: Some(max_keys),
            is_truncated: Some(is_truncated),
            continuation_token,
            next_continuation_token,
            contents: Some(contents),
            ..ListObjectsV2Output::default()
        }))
    }
}
