//! All writes on templates and on files handed in ahead.

use super::{
    model::{
        Category, EXTERNAL_ID_TO_TEMPLATE, FILES_BY_TIME, HandedFile, Quality, TEMPLATE_CREATED, TEMPLATE_DELETED, TEMPLATE_READ,
        TEMPLATE_UPDATED, TEMPLATES_OF_CHANNEL, Template, TemplateStatus,
    },
    provider::{Draft, Listed, Made},
};
use crate::{
    base::{Actor, ChannelId, Error, Result, TemplateId, Timestamp},
    channels::{
        model::{Channel, LIVE_CHANNELS},
        receiving::inbound::{ReceivedNotice, TemplateNews},
    },
    conversations::Media,
    platform::{
        jobs::{Job, JobKind, Progress},
        journal::{Audience, NewEvent},
        outbox::NewDelivery,
        store::{KeyRange, Read, TenantScope, Tx, Write},
        timers::{DueTimer, TimerKey},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// Purpose of the timer, and kind of the delivery, that bring a channel's list up to date.
pub const SYNC: &str = "templates.sync";
/// The kind of [`TellOfTemplate`].
const NEWS: &str = "templates.news";
/// Channels that one command tells of a template: each costs some fifteen reads and writes.
const TOLD_TOGETHER: usize = 6;
/// Between two looks at the provider's list.
const SYNC_EVERY: Duration = Duration::from_secs(86_400);
/// After one that failed.
const SYNC_AGAIN: Duration = Duration::from_secs(3_600);
/// Notices come in bursts; one look answers them all.
const SYNC_SOON: Duration = Duration::from_secs(2);
/// Files handed in and never sent stay so long.
const FILE_KEPT_FOR: Duration = Duration::from_secs(30 * 86_400);
/// Old files looked at with each new one.
const FILES_SWEPT: usize = 8;
/// Templates of one firm that one name may have in as many languages and channels; bounds a walk.
const OF_ONE_ID_MAX: usize = 8;

/// What became of a part of the provider's list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// New ones.
    pub created: usize,
    /// Changed ones.
    pub updated: usize,
    /// Gone ones.
    pub deleted: usize,
}

impl std::ops::AddAssign for Counted {
    fn add_assign(&mut self, more: Self) {
        self.created += more.created;
        self.updated += more.updated;
        self.deleted += more.deleted;
    }
}

/// Takes part of the provider's list over. What says nothing new writes nothing.
pub fn take_listed(tx: &mut Tx<'_, '_>, channel: ChannelId, listed: Vec<Listed>) -> Result<Counted> {
    let mut counted = Counted::default();
    if !tx.get::<Channel>(&channel)?.is_some_and(|channel| channel.is_live()) {
        return Ok(counted);
    }
    for one in listed {
        let old = tx.find(&TEMPLATES_OF_CHANNEL, (channel, one.name.as_str(), one.language.as_str()))?;
        let mut template = match &old {
            Some(old) => old.clone(),
            None => blank(tx, channel, &one.name, &one.language),
        };
        let example_file = template.wording.header.as_ref().and_then(|header| header.example_file);
        template.external_id = Some(one.external_id);
        template.category = one.category;
        template.status = one.status;
        template.reason = one.reason;
        template.quality = one.quality;
        template.wording = one.wording;
        template.unsupported = one.unsupported;
        // The provider does not know under which id the file lies with us.
        if let Some(header) = &mut template.wording.header {
            header.example_file = example_file;
        }
        match &old {
            None => counted.created += 1,
            Some(old) if *old != template => counted.updated += 1,
            Some(_) => {}
        }
        save(tx, old.as_ref(), template)?;
    }
    Ok(counted)
}

/// These are no more on the provider's list, as it stood at `listed_at`.
pub fn mark_gone(tx: &mut Tx<'_, '_>, ids: &[TemplateId], listed_at: Timestamp) -> Result<Counted> {
    let mut counted = Counted::default();
    for id in ids {
        let Some(old) = tx.get::<Template>(id)? else { continue };
        // Handed in while the list was read.
        if old.status == TemplateStatus::Deleted || old.updated_at >= listed_at {
            continue;
        }
        let gone = Template { status: TemplateStatus::Deleted, reason: None, ..old.clone() };
        save(tx, Some(&old), gone)?;
        counted.deleted += 1;
    }
    Ok(counted)
}

/// A webhook names a template: what it says is taken over at once, in each channel of its business account, and the
/// provider's list is asked for the rest. An account may have more numbers than one command can look after: those beyond
/// the first few are a job's.
pub fn template_changed(tx: &mut Tx<'_, '_>, channel: ChannelId, news: &TemplateNews, notice: &ReceivedNotice) -> Result<()> {
    if !crate::channels::commands::list_notice(tx, channel, notice)? {
        return Ok(());
    }
    let told = ToldChannels { news: news.clone(), reason: notice.reason.clone(), left: siblings(tx, channel)? };
    if let Some(rest) = told.take_some(tx, false)? {
        tx.start_job(NEWS, serde_json::to_value(rest).map_err(Error::internal)?)?;
    }
    Ok(())
}

/// News of a template, and the channels that have not heard of it.
#[derive(Serialize, Deserialize)]
struct ToldChannels {
    news: TemplateNews,
    reason: Option<String>,
    left: Vec<ChannelId>,
}

impl ToldChannels {
    /// Tells some of them; gives those that are left, if there are any.
    fn take_some(mut self, tx: &mut Tx<'_, '_>, is_late: bool) -> Result<Option<Self>> {
        let rest = self.left.split_off(TOLD_TOGETHER.min(self.left.len()));
        for channel in std::mem::replace(&mut self.left, rest) {
            told(tx, channel, &self.news, self.reason.as_deref())?;
            if is_late {
                // Something newer may have been told meanwhile: the provider's list has the last word.
                order_sync(tx, channel, tx.now().plus(SYNC_SOON))?;
            }
        }
        Ok((!self.left.is_empty()).then_some(self))
    }
}

/// Tells the further channels of an account what became of one of its templates.
pub struct TellOfTemplate;

impl JobKind for TellOfTemplate {
    fn name(&self) -> &'static str {
        NEWS
    }

    fn step(&self, tx: &mut Tx<'_, '_>, job: &mut Job) -> Result<Progress> {
        let rest = if job.cursor.0.is_null() { &job.payload.0 } else { &job.cursor.0 };
        let malformed = |e: serde_json::Error| Error::conflict("malformed", format!("job {}: {e}", job.number));
        let told: ToldChannels = serde_json::from_value(rest.clone()).map_err(malformed)?;
        let before = told.left.len();
        let rest = told.take_some(tx, true)?;
        job.done += (before - rest.as_ref().map_or(0, |rest| rest.left.len())) as u64;
        let Some(rest) = rest else { return Ok(Progress::Done) };
        job.cursor = serde_json::to_value(rest).map_err(Error::internal)?.into();
        Ok(Progress::More)
    }
}

/// What is told of a template, as one channel has it.
fn told(tx: &mut Tx<'_, '_>, channel: ChannelId, news: &TemplateNews, reason: Option<&str>) -> Result<()> {
    let known = find_told(tx, channel, news)?;
    let says_all = news.status.is_some() || news.quality.is_some();
    if let Some(old) = &known {
        let mut template = old.clone();
        if let Some(status) = news.status.as_deref().and_then(TemplateStatus::parse) {
            template.status = status;
            template.reason = reason.map(str::to_owned);
        }
        if let Some(quality) = &news.quality {
            template.quality = Quality::parse(quality);
        }
        if let Some(category) = &news.category {
            template.category = Category::parse(category);
        }
        save(tx, Some(old), template)?;
    }
    if known.is_none() || !says_all { order_sync(tx, channel, tx.now().plus(SYNC_SOON)) } else { Ok(()) }
}

/// The live channels of the same business account: its templates are theirs together.
fn siblings(tx: &Tx<'_, '_>, channel: ChannelId) -> Result<Vec<ChannelId>> {
    let parent_of = |channel: &Channel| channel.whatsapp_cloud().and_then(|config| config.business_account_id.clone());
    let Some(parent) = tx.get::<Channel>(&channel)?.as_ref().and_then(parent_of) else { return Ok(vec![channel]) };
    let mut all = Vec::new();
    for hit in tx.list(&LIVE_CHANNELS, KeyRange::all())? {
        let (other, _) = hit?;
        if parent_of(&other).as_ref() == Some(&parent) {
            all.push(other.id);
        }
    }
    Ok(all)
}

fn find_told(tx: &Tx<'_, '_>, channel: ChannelId, news: &TemplateNews) -> Result<Option<Template>> {
    if let Some(id) = &news.template_id {
        let hits = tx.list(&EXTERNAL_ID_TO_TEMPLATE, KeyRange::prefix((channel, id.as_str())))?;
        for hit in hits.take(OF_ONE_ID_MAX) {
            let (template, _) = hit?;
            if template.external_id.as_ref() == Some(id) {
                return Ok(Some(template));
            }
        }
    }
    tx.find(&TEMPLATES_OF_CHANNEL, (channel, news.name.as_str(), news.language.as_str()))
}

/// The provider took a draft.
pub fn made(tx: &mut Tx<'_, '_>, channel: ChannelId, draft: Draft, made: Made) -> Result<Template> {
    let old = tx.find(&TEMPLATES_OF_CHANNEL, (channel, draft.name.as_str(), draft.language.as_str()))?;
    let mut template = match &old {
        Some(old) => old.clone(),
        None => blank(tx, channel, &draft.name, &draft.language),
    };
    template.external_id = Some(made.external_id);
    template.category = made.category;
    template.status = made.status;
    (template.reason, template.quality, template.unsupported) = (None, Quality::Unknown, None);
    template.wording = draft.wording;
    order_sync(tx, channel, tx.now().plus(SYNC_SOON))?;
    save(tx, old.as_ref(), template)
}

/// The provider took new words: they are looked at anew.
pub fn edited(tx: &mut Tx<'_, '_>, id: TemplateId, draft: Draft) -> Result<Template> {
    let old = tx.require::<Template>(&id)?;
    let template = Template {
        category: draft.category,
        status: TemplateStatus::Pending,
        reason: None,
        wording: draft.wording,
        ..old.clone()
    };
    order_sync(tx, old.channel, tx.now().plus(SYNC_SOON))?;
    save(tx, Some(&old), template)
}

/// The provider deleted it.
pub fn deleted(tx: &mut Tx<'_, '_>, id: TemplateId) -> Result<()> {
    let old = tx.require::<Template>(&id)?;
    order_sync(tx, old.channel, tx.now().plus(SYNC_SOON))?;
    save(tx, Some(&old), Template { status: TemplateStatus::Deleted, reason: None, ..old.clone() }).map(drop)
}

/// Brings a channel's list up to date at `at`; ordering it again moves it. A channel without a business account has none.
pub fn order_sync(tx: &mut Tx<'_, '_>, channel: ChannelId, at: Timestamp) -> Result<()> {
    let has_list = tx
        .get::<Channel>(&channel)?
        .filter(Channel::is_live)
        .is_some_and(|channel| channel.whatsapp_cloud().is_some_and(|config| config.business_account_id.is_some()));
    if !has_list {
        return Ok(());
    }
    tx.at(TimerKey::new(SYNC, channel.into()), at, json!({}))
}

/// The provider refused a message for its template's sake: what is listed here is not what is there.
pub fn templates_stale(tx: &mut Tx<'_, '_>, channel: ChannelId) -> Result<()> {
    order_sync(tx, channel, tx.now().plus(SYNC_SOON))
}

/// The timer's turn: orders a look at the provider's list, and sets the next turn.
pub fn due(tx: &mut Tx<'_, '_>, due: &DueTimer) -> Result<()> {
    let channel = ChannelId(due.key.subject);
    if !tx.get::<Channel>(&channel)?.is_some_and(|channel| channel.is_live()) {
        return Ok(());
    }
    let delivery = tx.new_id();
    let payload = json!({ "channel": channel });
    tx.deliver(NewDelivery { id: delivery, kind: SYNC, lane: channel.to_string(), payload, not_before: None })?;
    order_sync(tx, channel, tx.now().plus(SYNC_EVERY))
}

/// A look at the provider's list failed: the next one comes sooner.
pub fn sync_failed(tx: &mut Tx<'_, '_>, channel: ChannelId) -> Result<()> {
    order_sync(tx, channel, tx.now().plus(SYNC_AGAIN))
}

/// Notes a file that was handed in; forgets old ones.
pub fn hand_in(tx: &mut Tx<'_, '_>, actor: &Actor, media: Media) -> Result<HandedFile> {
    let now = tx.now();
    let aged: Vec<HandedFile> = tx
        .list(&FILES_BY_TIME, KeyRange::all())?
        .take(FILES_SWEPT)
        .filter_map(|hit| hit.map(|(file, _)| (now.since(file.at) > FILE_KEPT_FOR).then_some(file)).transpose())
        .collect::<Result<_>>()?;
    for old in aged {
        tx.delete::<HandedFile>(&old.id)?;
    }
    let file = HandedFile { id: tx.new_id(), media, by: actor.user, at: now };
    tx.put(&file)?;
    Ok(file)
}

/// The template, if it is one of this firm's.
///
/// # Errors
/// `NotFound`.
pub fn require_template(source: &impl Read<Scope = TenantScope>, id: TemplateId) -> Result<Template> {
    source.get::<Template>(&id)?.ok_or(Error::NotFound("template"))
}

fn blank(tx: &Tx<'_, '_>, channel: ChannelId, name: &str, language: &str) -> Template {
    Template {
        id: tx.new_id(),
        channel,
        external_id: None,
        name: name.to_owned(),
        language: language.to_owned(),
        category: Category::Utility,
        status: TemplateStatus::Pending,
        reason: None,
        quality: Quality::Unknown,
        wording: super::model::Wording::default(),
        unsupported: None,
        created_at: tx.now(),
        updated_at: tx.now(),
        rev: 0,
    }
}

/// Stores a template where it differs, and tells.
fn save(tx: &mut Tx<'_, '_>, old: Option<&Template>, mut template: Template) -> Result<Template> {
    if old == Some(&template) {
        return Ok(template);
    }
    template.updated_at = tx.now();
    template.rev = tx.next_rev();
    tx.replace(old, &template)?;
    let kind = match (old, template.status) {
        (None, _) => TEMPLATE_CREATED,
        (Some(old), TemplateStatus::Deleted) if old.status != TemplateStatus::Deleted => TEMPLATE_DELETED,
        _ => TEMPLATE_UPDATED,
    };
    let before = if old.is_some() { Audience::holders(TEMPLATE_READ) } else { Audience::nobody() };
    let data = json!({ "name": template.name, "language": template.language, "status": template.status });
    tx.emit(NewEvent { kind, subject: template.id.into(), before, after: Audience::holders(TEMPLATE_READ), data })?;
    Ok(template)
}
